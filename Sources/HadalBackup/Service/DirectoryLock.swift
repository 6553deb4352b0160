import Foundation

/// A lock that the kernel gives back when the process ends, however it ends (`flock`).
public struct DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Of what backs up a data directory.
    /// - Returns: nil where another process has it.
    public static func backup(of data: String) throws(BackupError) -> DirectoryLock? {
        try DirectoryLock(ifFree: data + "/backup.lock")
    }

    private init?(ifFree path: String) throws(BackupError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .system(path: path, operation: "lock", code: code)
        }
    }

    public func release() { close(descriptor) }
}
