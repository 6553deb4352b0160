import Foundation

/// A file that is written from its beginning to its end.
struct NewFile: ~Copyable {
    private let descriptor: Int32
    private let path: String
    private let mode: UInt16

    init(_ path: String, mode: UInt16) throws(BackupError) {
        (self.path, self.mode) = (path, mode)
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: "make", code: errno) }
    }

    func append(_ bytes: Data) throws(BackupError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, bytes.count - done) }
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw .system(path: path, operation: "write", code: errno)
            }
        }
    }

    /// Has it on the disk.
    func finish() throws(BackupError) {
        guard fchmod(descriptor, mode_t(mode)) == 0, fsync(descriptor) == 0 else {
            throw .system(path: path, operation: "write", code: errno)
        }
    }

    func close() { _ = Foundation.close(descriptor) }
}
