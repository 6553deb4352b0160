import Foundation

/// A file descriptor that is closed with its last user. Reads and writes are whole or an error that names the file.
final class AuditFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32) throws(AuditError) {
        self.path = path
        // A link put in the place of a file is not followed.
        descriptor = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open it", code: errno) }
    }

    deinit { close(descriptor) }

    /// In bytes. By the end's place: `stat`'s module changes with the imports.
    func size() throws(AuditError) -> UInt64 {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw failure("look at it") }
        return UInt64(end)
    }

    /// Up to `count` bytes; fewer where the file ends.
    func read(at offset: UInt64, count: Int) throws(AuditError) -> [UInt8] {
        guard let start = off_t(exactly: offset), count > 0 else { return [] }
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            guard let base = buffer.baseAddress else { return }
            while done < count {
                let got = pread(descriptor, base + done, count - done, start + off_t(done))
                if got == 0 { break }
                if got > 0 {
                    done += got
                } else if errno != EINTR {
                    code = errno
                    break
                }
            }
        }
        guard code == 0 else { throw .system(path: path, operation: "read it", code: code) }
        return bytes
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(AuditError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map {
                    pwrite(descriptor, $0 + done, buffer.count - done, off_t(offset) + off_t(done))
                }
                    ?? 0
            }
            if count > 0 {
                done += count
            } else if count == 0 {
                throw .system(path: path, operation: "write it", code: EIO)
            } else if errno != EINTR {
                throw failure("write it")
            }
        }
    }

    func truncate(to size: UInt64) throws(AuditError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure("cut it") }
    }

    /// Returns when the bytes are on the disk.
    func synchronize() throws(AuditError) {
        guard fsync(descriptor) == 0 else { throw failure("write it to the disk") }
    }

    /// Until this object goes; nil where somebody else has it.
    static func locked(_ path: String, exclusively: Bool = true) throws(AuditError) -> AuditFile? {
        let file = try AuditFile(path, exclusively ? O_RDWR | O_CREAT : O_RDONLY)
        while flock(file.descriptor, (exclusively ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return nil }
            guard errno == EINTR else { throw file.failure("lock it") }
        }
        return file
    }

    private func failure(_ operation: String) -> AuditError {
        .system(path: path, operation: operation, code: errno)
    }
}
