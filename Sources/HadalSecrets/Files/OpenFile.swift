import Foundation

/// A file descriptor that is closed with its last user. Reads and writes are whole or an error that names the file.
final class OpenFile: Sendable {
    let path: String
    private let descriptor: Int32

    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SecretsError) {
        self.path = path
        descriptor = open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .system(path: path, operation: "open it", code: errno) }
    }

    deinit {
        // A child that was just forked has the descriptor too, and with it the lock, until it runs its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    func status() throws(SecretsError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("look at it") }
        return status
    }

    /// In bytes.
    func size() throws(SecretsError) -> UInt64 { UInt64(try status().st_size) }

    /// Reads from `offset` until `buffer` is full or the file ends.
    /// - Returns: how many bytes were there.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(SecretsError) -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, start + done, buffer.count - done, off_t(offset) + off_t(done))
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw failure("read it")
            }
        }
        return done
    }

    /// Up to `count` bytes; fewer where the file ends.
    func read(at offset: UInt64, count: Int) throws(SecretsError) -> [UInt8] {
        var problem: SecretsError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(SecretsError) {
                initialized = try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                problem = error
            }
        }
        if let problem { throw problem }
        return bytes
    }

    /// From where the descriptor stands to the end, pipes too.
    func readToEnd(limit: Int) throws(SecretsError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Foundation.read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read it")
            }
            bytes += piece[..<count]
            guard bytes.count <= limit else {
                throw .tooLarge(path: path, problem: "more than \(limit) bytes; this cannot be the right file")
            }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(SecretsError) {
        guard let start = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, start + done, bytes.count - done, off_t(offset) + off_t(done))
            if count >= 0 {
                done += count
            } else if errno != EINTR {
                throw failure("write it")
            }
        }
    }

    func write(_ bytes: [UInt8], at offset: UInt64) throws(SecretsError) {
        try bytes.span.bytes.withUnsafeBytes { pointer throws(SecretsError) in try write(pointer, at: offset) }
    }

    func truncate(to size: UInt64) throws(SecretsError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw failure("cut it") }
    }

    /// Returns when the bytes are on the disk.
    func synchronize() throws(SecretsError) {
        guard fsync(descriptor) == 0 else { throw failure("write it to the disk") }
    }

    /// Until this object goes: no other process (and no other object) has it.
    /// - Parameter waits: else `busy` is thrown at once where somebody else has it.
    func lock(waits: Bool) throws(SecretsError) {
        while flock(descriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: throw .busy(path: path)
            default: throw failure("lock it")
            }
        }
    }

    private func failure(_ operation: String) -> SecretsError {
        .system(path: path, operation: operation, code: errno)
    }
}
