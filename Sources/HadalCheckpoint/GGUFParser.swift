/// Reads one GGUF file, version 2 or 3, little endian. Layout: magic, version, counts, metadata, tensor descriptions,
/// padding, data (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
struct GGUFParser {
    /// Limits no real file comes near: DeepSeek-V3 has 50 keys and 1,025 tensors, a vocabulary's longest token 1 kB.
    static let keyCountMax = 1 << 16
    static let tensorCountMax = 1 << 20
    static let keyLengthMax = 65_535
    static let nameLengthMax = 1_024
    static let dimensionsMax = 4
    static let alignmentMax = 1 << 20

    private var reader: ByteReader
    private(set) var version = 0
    private(set) var metadata = GGUFMetadata()
    private(set) var alignment = 32
    private(set) var tensors: [Tensor] = []

    private struct Description {
        var name: String
        var format: TensorFormat
        var layout: TensorLayout
        var shape: [Int]
        var offset: UInt64
        var size: Int
        var place: Int
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        reader = ByteReader(file)
        try parseVersion()
        // The least a description takes: name length and a letter, dimension count, type, offset; a key's likewise.
        let tensorCount = try reader.count(ofSize: 8 + 1 + 4 + 4 + 8, limit: Self.tensorCountMax, "tensor count")
        let keyCount = try reader.count(ofSize: 8 + 1 + 4 + 1, limit: Self.keyCountMax, "key count")
        for index in 0..<keyCount { try parseEntry(index) }
        try parseAlignment()
        var descriptions: [Description] = []
        descriptions.reserveCapacity(tensorCount)
        for index in 0..<tensorCount { descriptions.append(try parseDescription(index)) }
        try parseData(descriptions)
    }

    private mutating func parseVersion() throws(CheckpointError) {
        let magic = try reader.integer(UInt32.self, "magic")
        guard magic == 0x4655_4747 else { throw reader.invalid("magic", "this is no GGUF file", at: 0) }
        let number = try reader.integer(UInt32.self, "version")
        guard (2...3).contains(number) else {
            let reason = (1...3).contains(number.byteSwapped) ? "a big-endian file" : "version \(number)"
            throw .unsupported(
                file: reader.file.path, item: "version", offset: 4,
                reason: "\(reason) is not supported (little-endian versions 2 and 3 are)")
        }
        version = Int(number)
    }

    private mutating func parseEntry(_ index: Int) throws(CheckpointError) {
        let place = reader.offset
        let key = try reader.name(limit: Self.keyLengthMax, "key \(index)")
        let item = "key \(CheckpointError.shown(key))"
        guard metadata[key] == nil else { throw reader.invalid(item, "appears twice", at: place) }
        metadata[key] = try value(of: try kind(item), item)
    }

    private mutating func kind(_ item: String) throws(CheckpointError) -> GGUFValue.Kind {
        let place = reader.offset
        let number = try reader.integer(UInt32.self, item)
        guard let kind = GGUFValue.Kind(rawValue: number) else {
            throw reader.invalid(item, "there is no value type \(number)", at: place)
        }
        return kind
    }

    private mutating func value(of kind: GGUFValue.Kind, _ item: String) throws(CheckpointError) -> GGUFValue {
        switch kind {
        case .uint8: return .uint8(try reader.integer(UInt8.self, item))
        case .int8: return .int8(try reader.integer(Int8.self, item))
        case .uint16: return .uint16(try reader.integer(UInt16.self, item))
        case .int16: return .int16(try reader.integer(Int16.self, item))
        case .uint32: return .uint32(try reader.integer(UInt32.self, item))
        case .int32: return .int32(try reader.integer(Int32.self, item))
        case .uint64: return .uint64(try reader.integer(UInt64.self, item))
        case .int64: return .int64(try reader.integer(Int64.self, item))
        case .float32: return .float32(Float(bitPattern: try reader.integer(UInt32.self, item)))
        case .float64: return .float64(Double(bitPattern: try reader.integer(UInt64.self, item)))
        case .bool:
            let place = reader.offset
            let byte = try reader.integer(UInt8.self, item)
            guard byte <= 1 else { throw reader.invalid(item, "a bool of value \(byte)", at: place) }
            return .bool(byte == 1)
        case .string: return .string(String(decoding: try reader.string(item), as: UTF8.self))
        case .array: return .array(try array(item))
        }
    }

    private mutating func array(_ item: String) throws(CheckpointError) -> GGUFArray {
        let place = reader.offset
        let kind = try kind(item)
        guard kind != .array else {
            throw .unsupported(file: reader.file.path, item: item, offset: place, reason: "an array of arrays")
        }
        let count = try reader.count(ofSize: kind.size ?? 8, limit: .max, "array length of \(item)")
        if let size = kind.size {
            let bytes = try reader.take(count * size, item)
            return GGUFArray(kind: kind, count: count, bytes: bytes, file: reader.file)
        }
        let start = reader.offset
        for index in 0..<count { _ = try reader.string("string \(index) of \(item)") }
        let bytes = UnsafeRawBufferPointer(rebasing: reader.file.bytes[start..<reader.offset])
        return GGUFArray(kind: kind, count: count, bytes: bytes, file: reader.file)
    }

    private mutating func parseAlignment() throws(CheckpointError) {
        let key = "general.alignment"
        guard let value = metadata[key] else { return }
        guard value.kind == .uint32, let bytes = value.int, bytes > 0, bytes & (bytes - 1) == 0 else {
            throw reader.invalid("key \"\(key)\"", "\(value) is no power of two of type uint32")
        }
        guard bytes <= Self.alignmentMax else {
            throw .limit(
                file: reader.file.path, item: "key \"\(key)\"", offset: reader.offset, value: UInt64(bytes),
                limit: UInt64(Self.alignmentMax))
        }
        alignment = bytes
    }

    private mutating func parseDescription(_ index: Int) throws(CheckpointError) -> Description {
        let place = reader.offset
        let name = try reader.name(limit: Self.nameLengthMax, "name of tensor \(index)")
        let item = "tensor \(CheckpointError.shown(name))"
        let dimensions = try reader.integer(UInt32.self, item)
        guard dimensions <= Self.dimensionsMax else {
            throw .limit(
                file: reader.file.path, item: "dimensions of \(item)", offset: reader.offset - 4,
                value: UInt64(dimensions), limit: UInt64(Self.dimensionsMax))
        }
        var shape: [Int] = []
        for _ in 0..<dimensions {
            let size = try reader.integer(UInt64.self, item)
            guard let size = Int(exactly: size) else {
                throw reader.invalid(item, "a dimension of \(size)", at: reader.offset - 8)
            }
            // Files have the innermost dimension first.
            shape.insert(size, at: 0)
        }
        var number = try reader.integer(UInt32.self, item)
        let layout: TensorLayout = number & 0xFFFF_FF00 == TensorLayout.panelsMark ? .panels : .rows
        if layout == .panels { number &= 0xFF }
        guard number < 1000, let format = TensorFormat(rawValue: number) else {
            throw .unsupported(
                file: reader.file.path, item: item, offset: reader.offset - 4, reason: "unknown tensor type \(number)")
        }
        let offset = try reader.integer(UInt64.self, item)
        guard let size = Tensor.byteCount(format: format, shape: shape, layout: layout) else {
            throw reader.invalid(item, "\(format.name) cannot have the shape \(shape)", at: place)
        }
        return Description(
            name: name, format: format, layout: layout, shape: shape, offset: offset, size: size, place: place)
    }

    private mutating func parseData(_ descriptions: [Description]) throws(CheckpointError) {
        let file = reader.file
        let padded = (reader.offset + alignment - 1) / alignment * alignment
        // Without tensors the file may end here, padded or not.
        let space = UInt64(max(0, file.bytes.count - padded))
        tensors.reserveCapacity(descriptions.count)
        var names: Set<String> = []
        for description in descriptions {
            let item = "tensor \(CheckpointError.shown(description.name))"
            func invalid(_ problem: String) -> CheckpointError { reader.invalid(item, problem, at: description.place) }
            guard names.insert(description.name).inserted else { throw invalid("appears twice") }
            guard description.offset % UInt64(alignment) == 0 else {
                throw invalid("offset \(description.offset) is no multiple of the alignment \(alignment)")
            }
            guard description.offset <= space, UInt64(description.size) <= space - description.offset else {
                throw invalid(
                    "\(description.size) bytes at offset \(description.offset) reach beyond the \(space) bytes of data")
            }
            let start = min(padded + Int(description.offset), file.bytes.count)
            let data = UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + description.size])
            tensors.append(
                try Tensor(
                    name: description.name, format: description.format, layout: description.layout,
                    shape: description.shape, data: data, file: file))
        }
        let ordered = descriptions.sorted { $0.offset < $1.offset }.filter { $0.size > 0 }
        for (first, second) in zip(ordered, ordered.dropFirst())
        where first.offset + UInt64(first.size) > second.offset {
            throw reader.invalid(
                "tensor \(CheckpointError.shown(second.name))", "overlaps \(CheckpointError.shown(first.name))",
                at: second.place)
        }
    }
}
