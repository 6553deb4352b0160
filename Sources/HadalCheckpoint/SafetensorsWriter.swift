import HadalJSON

/// Writes a safetensors file whose data need not fit in memory: each tensor's bytes are asked for when its turn comes, in the
/// order in which they were added.
struct SafetensorsWriter {
    private struct Entry {
        var name: String
        var type: String
        var shape: [Int]
        var size: Int
        var produce: GGUFWriter.Producer
    }

    private var tensors: [Entry] = []
    private var names: Set<String> = []

    /// - Throws: `CheckpointError.encoding` for formats that safetensors files do not have.
    mutating func add(
        _ name: String, format: TensorFormat, shape: [Int], produce: @escaping GGUFWriter.Producer
    ) throws(CheckpointError) {
        guard let type = SafetensorsHeader.formats.first(where: { $0.value == format })?.key else {
            throw .encoding(format: format, problem: "safetensors files have no such type")
        }
        guard let size = Tensor.byteCount(format: format, shape: shape), names.insert(name).inserted else {
            throw .shape(tensor: name, problem: "\(shape) in \(format.name), or added twice")
        }
        tensors.append(Entry(name: name, type: type, shape: shape, size: size, produce: produce))
    }

    /// Writes the whole file; it appears at `path` when complete.
    ///
    /// - Throws: `CheckpointError`, or what a producer throws.
    func write(to path: String) throws {
        let sink = try FileSink(path: path)
        try sink.write(header())
        for tensor in tensors {
            try sink.write(tensor.name, size: tensor.size, tensor.produce)
        }
        try sink.finish()
    }

    /// Its length in eight bytes, then JSON, with spaces to a multiple of eight.
    private func header() -> [UInt8] {
        var members: [(String, JSON)] = [("__metadata__", .object(.init([("format", .string("pt"))])))]
        var offset = 0
        for tensor in tensors {
            members.append(
                (
                    tensor.name,
                    .object(
                        .init([
                            ("dtype", .string(tensor.type)), ("shape", .array(tensor.shape.map { .int(Int64($0)) })),
                            ("data_offsets", .array([.int(Int64(offset)), .int(Int64(offset + tensor.size))])),
                        ]))
                ))
            offset += tensor.size
        }
        var text = Array(JSON.object(.init(members)).text.utf8)
        text += Array(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
    }
}
