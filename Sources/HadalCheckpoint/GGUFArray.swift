/// An array of a GGUF file's metadata, left where it lies: a vocabulary of 128,000 strings costs nothing until it is
/// asked for. Elements are of one type; arrays of arrays do not occur.
public struct GGUFArray: Sendable {
    public let kind: GGUFValue.Kind
    public let count: Int
    /// The elements as the file has them: numbers little endian, strings with their length (8 bytes) before them.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let file: MappedFile

    /// `bytes` lies in `file` and has been checked to hold `count` elements.
    init(kind: GGUFValue.Kind, count: Int, bytes: UnsafeRawBufferPointer, file: MappedFile) {
        self.kind = kind
        self.count = count
        self.bytes = bytes
        self.file = file
    }

    init(_ values: [String]) {
        var encoded: [UInt8] = []
        for value in values {
            withUnsafeBytes(of: UInt64(value.utf8.count).littleEndian) { encoded.append(contentsOf: $0) }
            encoded.append(contentsOf: value.utf8)
        }
        let file = MappedFile(copying: encoded)
        self.init(kind: .string, count: values.count, bytes: file.bytes, file: file)
    }

    init(_ kind: GGUFValue.Kind, _ values: [some FixedWidthInteger]) {
        let file = values.withUnsafeBytes { MappedFile(copying: $0) }
        self.init(kind: kind, count: values.count, bytes: file.bytes, file: file)
    }
}

extension GGUFArray {
    /// Calls `body` with the bytes of each string; they need not be UTF-8, and are valid during the call only.
    /// Does nothing where the elements are no strings.
    public func forEachString(_ body: (_ index: Int, _ bytes: UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard kind == .string else { return }
        var offset = 0
        for index in 0..<count {
            let length = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            try body(index, UnsafeRawBufferPointer(rebasing: bytes[(offset + 8)..<(offset + 8 + length)]))
            offset += 8 + length
        }
    }

    /// The strings; bytes that are not UTF-8 become U+FFFD.
    public var strings: [String]? {
        guard kind == .string else { return nil }
        var result: [String] = []
        result.reserveCapacity(count)
        forEachString { result.append(String(decoding: $1, as: UTF8.self)) }
        return result
    }

    /// The elements as integers; nil for other types and where one does not fit.
    public var ints: [Int]? {
        switch kind {
        case .uint8: numbers(UInt8.self).map(Int.init)
        case .int8: numbers(Int8.self).map(Int.init)
        case .uint16: numbers(UInt16.self).map(Int.init)
        case .int16: numbers(Int16.self).map(Int.init)
        case .uint32: numbers(UInt32.self).map(Int.init)
        case .int32: numbers(Int32.self).map(Int.init)
        case .int64: numbers(Int64.self).map(Int.init)
        case .uint64:
            numbers(UInt64.self).allSatisfy { $0 <= UInt64(Int.max) } ? numbers(UInt64.self).map { Int($0) } : nil
        default: nil
        }
    }

    /// The elements as floats: of either float type or integers.
    public var floats: [Float]? {
        switch kind {
        case .float32: numbers(UInt32.self).map { Float(bitPattern: $0) }
        case .float64: numbers(UInt64.self).map { Float(Double(bitPattern: $0)) }
        default: ints?.map { Float($0) }
        }
    }

    public var bools: [Bool]? { kind == .bool ? numbers(UInt8.self).map { $0 != 0 } : nil }

    private func numbers<T: FixedWidthInteger>(_ type: T.Type) -> [T] {
        let size = MemoryLayout<T>.size
        return (0..<count).map { T(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: T.self)) }
    }
}

extension GGUFArray: CustomStringConvertible {
    public var description: String { "[\(kind) × \(count)]" }
}
