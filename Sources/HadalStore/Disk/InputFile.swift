import Foundation

/// A file that is read at places.
package final class InputFile: Sendable {
    package static let pieceBytes = 1 << 20

    package let path: String
    /// bytes
    package let size: Int64
    private let descriptor: Int32

    package init(_ path: String) throws {
        self.path = path
        // What is no regular file might wait for ever.
        guard let size = try AtomicFile.size(of: path) else {
            throw StoreError.system(path: path, operation: "open", code: ENOENT)
        }
        self.size = size
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StoreError.system(path: path, operation: "open", code: errno) }
    }

    deinit { close(descriptor) }

    /// - Returns: less only where the file ends.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = off_t(offset) + off_t(filled)
                let got = pread(descriptor, buffer.baseAddress! + filled, count - filled, place)
                if got == 0 { return }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    throw StoreError.system(path: path, operation: "read", code: errno)
                }
            }
        }
    }
}
