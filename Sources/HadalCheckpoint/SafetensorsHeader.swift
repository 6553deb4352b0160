import HadalJSON

/// One safetensors file's tensors, before block factors, which may be in another file, find their weights.
struct SafetensorsHeader {
    private(set) var metadata: [(key: String, value: String)] = []
    private(set) var tensors: [Tensor] = []

    private let file: MappedFile
    private let text: UnsafeRawBufferPointer
    /// Where `text` and the data begin in the file.
    private let textStart: Int
    private let dataStart: Int

    private struct Entry {
        var name: String
        var format: TensorFormat
        var shape: [Int]
        var data: Range<Int>
    }

    init(_ file: MappedFile) throws(CheckpointError) {
        var reader = ByteReader(file)
        let length = try reader.count(ofSize: 1, limit: SafetensorsFile.headerLengthMax, "header length")
        self.file = file
        textStart = reader.offset
        text = try reader.take(length, "header")
        dataStart = reader.offset
        let header: JSON
        do throws(JSONError) {
            header = try JSON(parsing: text, depthLimit: SafetensorsFile.headerDepthMax)
        } catch {
            throw invalid("header", "invalid JSON: \(error.problem)", at: textStart + error.offset)
        }
        guard let object = header.object else { throw invalid("header", "no JSON object", at: textStart) }
        var entries: [Entry] = []
        entries.reserveCapacity(object.count)
        for (key, value) in object.members {
            if key == "__metadata__" {
                try parseMetadata(value)
            } else {
                entries.append(try entry(key, value))
            }
        }
        try layOut(&entries)
    }

    private func invalid(_ item: String, _ problem: String, at offset: Int) -> CheckpointError {
        .invalid(file: file.path, item: item, offset: offset, problem: problem)
    }

    /// An error about one member of the header, at its name.
    private func invalid(_ key: String, _ problem: String) -> CheckpointError {
        // Looked for only now; a name written with escapes is not found, and the header's start has to do.
        let name = Array(JSON.quoted(key).utf8)
        let place = (0..<max(0, text.count - name.count)).first { text[$0..<$0 + name.count].elementsEqual(name) }
        let item = key == "__metadata__" ? key : "tensor \(CheckpointError.shown(key))"
        return invalid(item, problem, at: textStart + (place ?? 0))
    }

    private mutating func parseMetadata(_ value: JSON) throws(CheckpointError) {
        guard let object = value.object else { throw invalid("__metadata__", "no JSON object") }
        for (key, value) in object.members {
            guard let text = value.string else {
                throw invalid("__metadata__", "the value of \(CheckpointError.shown(key)) is no string")
            }
            metadata.append((key, text))
        }
    }

    private func entry(_ name: String, _ value: JSON) throws(CheckpointError) -> Entry {
        guard !name.isEmpty, !name.utf8.contains(0) else { throw invalid(name, "a name that is empty or has a NUL") }
        guard let object = value.object else { throw invalid(name, "no JSON object") }
        guard let type = object["dtype"]?.string else { throw invalid(name, "no dtype") }
        guard let format = Self.formats[type] else {
            throw invalid(name, "unknown dtype \(CheckpointError.shown(type))")
        }
        guard let shape = Self.integers(object["shape"]) else {
            throw invalid(name, "no shape of non-negative integers")
        }
        guard let offsets = Self.integers(object["data_offsets"]), offsets.count == 2 else {
            throw invalid(name, "no data_offsets of two non-negative integers")
        }
        let space = file.bytes.count - dataStart
        guard offsets[0] <= offsets[1], offsets[1] <= space else {
            throw invalid(name, "data_offsets \(offsets) in \(space) bytes of data")
        }
        guard let size = Tensor.byteCount(format: format, shape: shape) else {
            throw invalid(name, "\(type) cannot have the shape \(shape)")
        }
        guard size == offsets[1] - offsets[0] else {
            throw invalid(name, "\(offsets[1] - offsets[0]) bytes of data, \(size) expected for \(type) \(shape)")
        }
        return Entry(name: name, format: format, shape: shape, data: offsets[0]..<offsets[1])
    }

    /// Tensors in the order of their data, which they must cover without gap or overlap.
    private mutating func layOut(_ entries: inout [Entry]) throws(CheckpointError) {
        entries.sort { ($0.data.lowerBound, $0.data.upperBound) < ($1.data.lowerBound, $1.data.upperBound) }
        tensors.reserveCapacity(entries.count)
        var end = 0
        for entry in entries {
            let start = entry.data.lowerBound
            guard start == end else {
                throw invalid(entry.name, "begins at \(start) of the data, where the one before ends at \(end)")
            }
            end = entry.data.upperBound
            let data = UnsafeRawBufferPointer(rebasing: file.bytes[dataStart + start..<dataStart + end])
            tensors.append(
                try Tensor(name: entry.name, format: entry.format, shape: entry.shape, data: data, file: file))
        }
        let space = file.bytes.count - dataStart
        guard end == space else {
            throw invalid("data", "\(space) bytes, of which the tensors cover \(end)", at: dataStart + end)
        }
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

    /// The reference library's dtypes.
    static let formats: [String: TensorFormat] = [
        "BOOL": .bool, "F4": .f4, "F6_E2M3": .f6_E2M3, "F6_E3M2": .f6_E3M2, "U8": .u8, "I8": .i8,
        "F8_E5M2": .f8_E5M2, "F8_E4M3": .f8_E4M3, "F8_E8M0": .f8_E8M0, "F8_E4M3FNUZ": .f8_E4M3FNUZ,
        "F8_E5M2FNUZ": .f8_E5M2FNUZ, "I16": .i16, "U16": .u16, "F16": .f16, "BF16": .bf16, "I32": .i32, "U32": .u32,
        "F32": .f32, "C64": .c64, "F64": .f64, "I64": .i64, "U64": .u64,
    ]
}
