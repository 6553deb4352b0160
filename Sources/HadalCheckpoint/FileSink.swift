import Foundation

/// Writes a new file from start to end through one buffer. It appears under its name only when it is complete
/// (`finish`), so that nobody maps half a checkpoint; otherwise nothing is left behind.
final class FileSink {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isFinished = false
    /// Bytes written so far, those in the buffer included.
    private(set) var count = 0

    private static let bufferSize = 1 << 20

    init(path: String) throws(CheckpointError) {
        self.path = path
        temporary = path + ".part-\(getpid())"
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            isFinished = true
            throw .unreadable(file: temporary, reason: String(cString: strerror(errno)))
        }
        buffer.reserveCapacity(Self.bufferSize)
    }

    deinit {
        guard !isFinished else { return }
        close(descriptor)
        unlink(temporary)
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        count += bytes.count
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try writeThrough(bytes)
        } else {
            buffer.append(contentsOf: bytes)
        }
    }

    func write(_ bytes: [UInt8]) throws(CheckpointError) {
        let result: Result<Void, CheckpointError> = bytes.withUnsafeBytes { pointer in
            do throws(CheckpointError) { return .success(try write(pointer)) } catch { return .failure(error) }
        }
        try result.get()
    }

    /// What `produce` gives, which must be the `size` bytes of the tensor.
    func write(_ tensor: String, size: Int, _ produce: GGUFWriter.Producer) throws {
        let start = count
        try produce { bytes in
            guard count - start + bytes.count <= size else {
                throw CheckpointError.shape(tensor: tensor, problem: "more than its \(size) bytes")
            }
            try write(bytes)
        }
        guard count - start == size else {
            throw CheckpointError.shape(tensor: tensor, problem: "\(count - start) bytes where \(size) belong")
        }
    }

    /// Zeros up to a multiple of `alignment`.
    func pad(to alignment: Int) throws(CheckpointError) {
        let excess = count % alignment
        if excess > 0 { try write([UInt8](repeating: 0, count: alignment - excess)) }
    }

    /// Gives the file its name, replacing any file that had it.
    func finish() throws(CheckpointError) {
        try flush()
        // On disk before it has its name: after a power cut there is the old file or the new one, not an empty one.
        let isSafe = fsync(descriptor) == 0
        let reason = String(cString: strerror(errno))
        isFinished = true
        guard close(descriptor) == 0, isSafe, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw .unreadable(file: path, reason: isSafe ? String(cString: strerror(errno)) : reason)
        }
    }

    private func flush() throws(CheckpointError) {
        // Taken out and put back, so that the storage is used again.
        var full: [UInt8] = []
        swap(&full, &buffer)
        let result: Result<Void, CheckpointError> = full.withUnsafeBytes { pointer in
            do throws(CheckpointError) { return .success(try writeThrough(pointer)) } catch { return .failure(error) }
        }
        full.removeAll(keepingCapacity: true)
        swap(&full, &buffer)
        try result.get()
    }

    private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = Foundation.write(descriptor, rest.base.baseAddress! + rest.startIndex, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw .unreadable(file: temporary, reason: String(cString: strerror(errno)))
            }
            rest = rest.dropFirst(written)
        }
    }
}
