/// Reads a file's fields in order; nothing is read or counted before it is known to lie inside the file.
struct ByteReader {
    let file: MappedFile
    private(set) var offset = 0

    init(_ file: MappedFile) { self.file = file }

    var remaining: Int { file.bytes.count - offset }

    func invalid(_ item: String, _ problem: String, at place: Int? = nil) -> CheckpointError {
        .invalid(file: file.path, item: item, offset: place ?? offset, problem: problem)
    }

    /// A little-endian integer.
    mutating func integer<T: FixedWidthInteger>(
        _ type: T.Type, _ item: @autoclosure () -> String
    ) throws(CheckpointError) -> T {
        let bytes = try take(MemoryLayout<T>.size, item())
        return T(littleEndian: bytes.loadUnaligned(as: T.self))
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int, _ item: @autoclosure () -> String) throws(CheckpointError)
        -> UnsafeRawBufferPointer
    {
        guard count >= 0, count <= remaining else {
            throw invalid(item(), "\(count) bytes announced, \(remaining) left in the file")
        }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + count])
    }

    /// A count of things that take at least `size` bytes each, so that it can be believed before anything is allocated.
    mutating func count(
        ofSize size: Int, limit: Int, _ item: @autoclosure () -> String
    ) throws(CheckpointError) -> Int {
        let place = offset
        let value = try integer(UInt64.self, item())
        guard value <= UInt64(limit) else {
            throw .limit(file: file.path, item: item(), offset: place, value: value, limit: UInt64(limit))
        }
        guard Int(value) <= remaining / size else {
            throw invalid(item(), "\(value) announced, but only \(remaining) bytes follow", at: place)
        }
        return Int(value)
    }

    /// The bytes of a string with its length before it.
    mutating func string(
        limit: Int = .max, _ item: @autoclosure () -> String
    ) throws(CheckpointError) -> UnsafeRawBufferPointer {
        let length = try count(ofSize: 1, limit: limit, "length of \(item())")
        return try take(length, item())
    }

    /// The same where the bytes must be a name: UTF-8, not empty, without NUL.
    mutating func name(limit: Int, _ item: @autoclosure () -> String) throws(CheckpointError) -> String {
        let place = offset
        let bytes = try string(limit: limit, item())
        guard !bytes.isEmpty, !bytes.contains(0) else { throw invalid(item(), "empty or with a NUL inside", at: place) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw invalid(item(), "not UTF-8", at: place)
        }
        return text
    }
}
