/// Writes GGUF files (version 3, little endian) whose data need not fit in memory: each tensor's bytes are asked for
/// when its turn comes.
///
///     var writer = GGUFWriter()
///     writer.metadata["general.architecture"] = .string("llama")
///     try writer.add("output.weight", format: .q8_0, shape: [32_000, 4_096]) { emit in
///         for row in rows { try row.withUnsafeBytes(emit) }
///     }
///     try writer.write(to: "model.gguf")
public struct GGUFWriter {
    /// Passes on a tensor's bytes, in any number of pieces.
    public typealias Producer = (_ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Void

    private struct Entry {
        var name: String
        var type: UInt32
        var shape: [Int]
        var size: Int
        var produce: Producer
    }

    public var metadata = GGUFMetadata()
    private let alignment: Int
    private var tensors: [Entry] = []
    private var names: Set<String> = []

    /// - Parameter alignment: a power of two; tensors' data begin at its multiples.
    public init(alignment: Int = 32) {
        precondition(alignment > 0 && alignment & (alignment - 1) == 0, "the alignment has to be a power of two")
        self.alignment = alignment
        if alignment != 32 { metadata["general.alignment"] = .uint32(UInt32(alignment)) }
    }

    /// - Parameter shape: outermost dimension first, one to four of them; the last a whole number of blocks.
    public mutating func add(
        _ name: String, format: TensorFormat, layout: TensorLayout = .rows, shape: [Int], produce: @escaping Producer
    ) throws(CheckpointError) {
        guard format.rawValue < 1000 else { throw .encoding(format: format, problem: "GGUF files have no such type") }
        guard shape.count <= GGUFParser.dimensionsMax,
            let size = Tensor.byteCount(format: format, shape: shape, layout: layout)
        else {
            throw .shape(tensor: name, problem: "\(format.name) cannot have the shape \(shape) in a GGUF file")
        }
        guard names.insert(name).inserted else { throw .shape(tensor: name, problem: "added twice") }
        let type = format.rawValue | (layout == .panels ? TensorLayout.panelsMark : 0)
        tensors.append(Entry(name: name, type: type, shape: shape, size: size, produce: produce))
    }

    /// A tensor of bytes at hand.
    public mutating func add(
        _ name: String, format: TensorFormat, shape: [Int], bytes: [UInt8]
    ) throws(CheckpointError) {
        try add(name, format: format, shape: shape) { emit in try bytes.withUnsafeBytes(emit) }
    }

    /// The same tensor as in another checkpoint.
    public mutating func add(_ tensor: Tensor) throws(CheckpointError) {
        try add(tensor.name, format: tensor.format, layout: tensor.layout, shape: tensor.shape) { emit in
            try emit(tensor.data)
        }
    }

    /// Writes the whole file; it appears at `path` when complete.
    ///
    /// - Throws: `CheckpointError`, or what a producer throws.
    public func write(to path: String) throws {
        let sink = try FileSink(path: path)
        try sink.write(header())
        try sink.pad(to: alignment)
        for tensor in tensors {
            try sink.write(tensor.name, size: tensor.size, tensor.produce)
            try sink.pad(to: alignment)
        }
        try sink.finish()
    }

    private func header() -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        append(UInt32(3), to: &bytes)
        append(UInt64(tensors.count), to: &bytes)
        append(UInt64(metadata.keys.count), to: &bytes)
        for key in metadata.keys {
            guard let value = metadata[key] else { continue }
            append(key, to: &bytes)
            append(value.kind.rawValue, to: &bytes)
            append(value, to: &bytes)
        }
        var offset = 0
        for tensor in tensors {
            append(tensor.name, to: &bytes)
            append(UInt32(tensor.shape.count), to: &bytes)
            for size in tensor.shape.reversed() { append(UInt64(size), to: &bytes) }
            append(tensor.type, to: &bytes)
            append(UInt64(offset), to: &bytes)
            offset += (tensor.size + alignment - 1) / alignment * alignment
        }
        return bytes
    }

    private func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    private func append(_ value: GGUFValue, to bytes: inout [UInt8]) {
        switch value {
        case .uint8(let value): append(value, to: &bytes)
        case .int8(let value): append(value, to: &bytes)
        case .uint16(let value): append(value, to: &bytes)
        case .int16(let value): append(value, to: &bytes)
        case .uint32(let value): append(value, to: &bytes)
        case .int32(let value): append(value, to: &bytes)
        case .uint64(let value): append(value, to: &bytes)
        case .int64(let value): append(value, to: &bytes)
        case .float32(let value): append(value.bitPattern, to: &bytes)
        case .float64(let value): append(value.bitPattern, to: &bytes)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .string(let value): append(value, to: &bytes)
        case .array(let array):
            append(array.kind.rawValue, to: &bytes)
            append(UInt64(array.count), to: &bytes)
            bytes.append(contentsOf: array.bytes)
        }
    }
}
