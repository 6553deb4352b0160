import Foundation

/// A lock that the kernel gives back when the process ends, however it ends (`flock`).
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Waits until nobody else has it.
    /// - Parameter path: of a file that is made where it is not there.
    public convenience init(_ path: String) throws(StoreError) {
        let descriptor = try Self.open(path)
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let code = errno
                close(descriptor)
                throw .system(path: path, operation: "lock", code: code)
            }
        }
        self.init(descriptor: descriptor)
    }

    /// nil: somebody else has it.
    public convenience init?(ifFree path: String) throws(StoreError) {
        let descriptor = try Self.open(path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .system(path: path, operation: "lock", code: code)
        }
        self.init(descriptor: descriptor)
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    deinit {
        // A process that is just being started may still have the descriptor too.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func open(_ path: String) throws(StoreError) -> Int32 {
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
        return descriptor
    }
}
