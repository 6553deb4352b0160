import Foundation
import HadalCheckpoint
import HadalJSON

enum Fixtures {
    static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    static func bytes(_ values: [Float]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }

    /// Three tensors, with and without blocks, and a value of every kind of metadata.
    static func writer() throws -> GGUFWriter {
        var writer = GGUFWriter()
        writer.metadata["general.architecture"] = .string("llama")
        writer.metadata["a.uint8"] = .uint8(200)
        writer.metadata["a.int8"] = .int8(-3)
        writer.metadata["a.uint16"] = .uint16(60_000)
        writer.metadata["a.int16"] = .int16(-30_000)
        writer.metadata["a.uint32"] = .uint32(4_000_000_000)
        writer.metadata["a.int32"] = .int32(-2_000_000_000)
        writer.metadata["a.uint64"] = .uint64(.max)
        writer.metadata["a.int64"] = .int64(.min)
        writer.metadata["a.float32"] = .float32(0.5)
        writer.metadata["a.float64"] = .float64(1e-300)
        writer.metadata["a.bool"] = .bool(true)
        writer.metadata["tokenizer.ggml.tokens"] = .strings(["<s>", "", "深度", "求索"])
        writer.metadata["tokenizer.ggml.scores"] = .floats([0, -1, -2.5, 3])
        writer.metadata["tokenizer.ggml.token_type"] = .int32s([3, 1, 1, -1])
        try writer.add("a", format: .f32, shape: [2, 3], bytes: bytes([1, 2, 3, 4, 5, 6]))
        try writer.add(
            "b", format: .q8_0, shape: [2, 32], bytes: try Quantizer.quantize((0..<64).map { Float($0) }, as: .q8_0))
        try writer.add("c", format: .f16, shape: [2], bytes: [0, 0x3C, 0, 0xC0])
        return writer
    }

    /// A safetensors file of these tensors, in this order, with any text as header instead if given.
    static func safetensors(
        _ tensors: [(name: String, dtype: String, shape: [Int], bytes: [UInt8])], header: String? = nil
    ) -> [UInt8] {
        var members: [(String, JSON)] = []
        var data: [UInt8] = []
        for tensor in tensors {
            let offsets: JSON = [.int(Int64(data.count)), .int(Int64(data.count + tensor.bytes.count))]
            let shape = JSON.array(tensor.shape.map { .int(Int64($0)) })
            members.append(
                (tensor.name, ["dtype": .string(tensor.dtype), "shape": shape, "data_offsets": offsets]))
            data += tensor.bytes
        }
        let text = Array((header ?? JSON.object(.init(members)).text).utf8)
        return littleEndian(UInt64(text.count)) + text + data
    }
}
