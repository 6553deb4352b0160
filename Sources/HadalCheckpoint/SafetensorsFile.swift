import HadalJSON

/// A safetensors file: eight bytes of header length, a JSON header, the data
/// (https://github.com/huggingface/safetensors#format). As strict as the reference library: the tensors cover the data
/// without gap or overlap.
public struct SafetensorsFile: Sendable {
    public let path: String
    /// `__metadata__`, in the file's order.
    public let metadata: [(key: String, value: String)]
    /// In the order of their data. FP8 weights carry their `weight_scale_inv`, which is no tensor of its own then.
    public let tensors: [Tensor]

    /// The reference library's limit.
    static let headerLengthMax = 100_000_000
    /// A header nests two deep.
    static let headerDepthMax = 8

    public static func open(path: String) throws(CheckpointError) -> SafetensorsFile {
        try SafetensorsFile(MappedFile(path: path))
    }

    /// The same from a file mapped already, or from memory.
    public static func parse(_ file: MappedFile) throws(CheckpointError) -> SafetensorsFile {
        try SafetensorsFile(file)
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        let header = try SafetensorsHeader(file)
        path = file.path
        metadata = header.metadata
        tensors = try BlockScales.attach(header.tensors)
    }
}

/// One file's tensors before the block factors, which may be in another file, find their weights.
struct SafetensorsHeader {
    let metadata: [(key: String, value: String)]
    let tensors: [Tensor]

    private struct Entry {
        var name: String
        var format: TensorFormat
        var shape: [Int]
        var data: Range<Int>
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        var reader = ByteReader(file)
        let length = try reader.count(ofSize: 1, limit: SafetensorsFile.headerLengthMax, "header length")
        let start = reader.offset
        let header: JSON
        let text = try reader.take(length, "header")
        do throws(JSONError) {
            header = try JSON(parsing: text, depthLimit: SafetensorsFile.headerDepthMax)
        } catch {
            throw reader.invalid("header", "invalid JSON: \(error.problem)", at: start + error.offset)
        }
        guard let object = header.object else { throw reader.invalid("header", "no JSON object", at: start) }
        let space = file.bytes.count - start - length
        var metadata: [(key: String, value: String)] = []
        var entries: [Entry] = []
        entries.reserveCapacity(object.count)
        for (key, value) in object.members {
            func invalid(_ problem: String) -> CheckpointError {
                .invalid(
                    file: file.path, item: "tensor \(CheckpointError.shown(key))", offset: start, problem: problem)
            }
            if key == "__metadata__" {
                metadata = try Self.metadata(value, reader, at: start)
            } else {
                let result = Self.entry(key, value, space: space)
                switch result {
                case .success(let entry): entries.append(entry)
                case .failure(let fault): throw invalid(fault.problem)
                }
            }
        }
        entries.sort { ($0.data.lowerBound, $0.data.upperBound) < ($1.data.lowerBound, $1.data.upperBound) }
        var end = 0
        var tensors: [Tensor] = []
        tensors.reserveCapacity(entries.count)
        for entry in entries {
            guard entry.data.lowerBound == end else {
                throw reader.invalid(
                    "tensor \(CheckpointError.shown(entry.name))",
                    "begins at \(entry.data.lowerBound) of the data, the one before ends at \(end)",
                    at: start + length + entry.data.lowerBound)
            }
            end = entry.data.upperBound
            let place = start + length + entry.data.lowerBound
            let data = UnsafeRawBufferPointer(rebasing: file.bytes[place..<place + entry.data.count])
            tensors.append(
                try Tensor(name: entry.name, format: entry.format, shape: entry.shape, data: data, file: file))
        }
        guard end == space else {
            throw reader.invalid("data", "\(space) bytes, of which the tensors cover \(end)", at: start + length)
        }
        self.metadata = metadata
        self.tensors = tensors
    }

    private struct Fault: Error {
        var problem: String
        init(_ problem: String) { self.problem = problem }
    }

    private static func entry(_ name: String, _ value: JSON, space: Int) -> Result<Entry, Fault> {
        guard !name.isEmpty, !name.utf8.contains(0) else { return .failure(Fault("an empty name or one with a NUL")) }
        guard let object = value.object else { return .failure(Fault("no JSON object")) }
        guard let type = object["dtype"]?.string else { return .failure(Fault("no dtype")) }
        guard let format = formats[type] else {
            return .failure(Fault("unknown dtype \(CheckpointError.shown(type))"))
        }
        guard let shape = integers(object["shape"]) else {
            return .failure(Fault("no shape of non-negative integers"))
        }
        guard let offsets = integers(object["data_offsets"]), offsets.count == 2 else {
            return .failure(Fault("no data_offsets of two non-negative integers"))
        }
        guard offsets[0] <= offsets[1], offsets[1] <= space else {
            return .failure(Fault("data_offsets \(offsets) in \(space) bytes of data"))
        }
        guard let size = Tensor.byteCount(format: format, shape: shape) else {
            return .failure(Fault("\(type) cannot have the shape \(shape)"))
        }
        guard size == offsets[1] - offsets[0] else {
            return .failure(Fault("\(offsets[1] - offsets[0]) bytes of data, \(size) expected for \(type) \(shape)"))
        }
        return .success(Entry(name: name, format: format, shape: shape, data: offsets[0]..<offsets[1]))
    }

    /// Integers as such (`16`, not `16.0`).
    private static func integers(_ value: JSON?) -> [Int]? {
        guard let elements = value?.array else { return nil }
        var result: [Int] = []
        for element in elements {
            guard case .int(let number) = element, number >= 0 else { return nil }
            result.append(Int(number))
        }
        return result
    }

    private static func metadata(
        _ value: JSON, _ reader: ByteReader, at offset: Int
    ) throws(CheckpointError) -> [(key: String, value: String)] {
        guard let object = value.object else { throw reader.invalid("__metadata__", "no JSON object", at: offset) }
        var result: [(key: String, value: String)] = []
        for (key, value) in object.members {
            guard let text = value.string else {
                throw reader.invalid("__metadata__ \(CheckpointError.shown(key))", "no string", at: offset)
            }
            result.append((key, text))
        }
        return result
    }

    /// The reference library's dtypes.
    private static let formats: [String: TensorFormat] = [
        "BOOL": .bool, "F4": .f4, "F6_E2M3": .f6_E2M3, "F6_E3M2": .f6_E3M2, "U8": .u8, "I8": .i8,
        "F8_E5M2": .f8_E5M2, "F8_E4M3": .f8_E4M3, "F8_E8M0": .f8_E8M0, "F8_E4M3FNUZ": .f8_E4M3FNUZ,
        "F8_E5M2FNUZ": .f8_E5M2FNUZ, "I16": .i16, "U16": .u16, "F16": .f16, "BF16": .bf16, "I32": .i32, "U32": .u32,
        "F32": .f32, "C64": .c64, "F64": .f64, "I64": .i64, "U64": .u64,
    ]
}
