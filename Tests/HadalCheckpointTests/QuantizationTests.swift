import Foundation
import HadalCheckpoint
import HadalJSON
import TestSupport
import Testing

/// Formats against the published reference decoder's results, bit for bit.
@Suite struct QuantizationTests {
    static let vectors = SharedData.file("quant-vectors")
    static let reason: Comment = "needs ../shared/data/quant-vectors"

    static func floats(_ path: String) throws -> [Float] {
        let data = try Data(contentsOf: vectors!.appendingPathComponent(path))
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: vectors!.appendingPathComponent(path)))
    }

    @Test("every ggml format decodes to the reference's bits", .enabled(if: vectors != nil, reason))
    func decoding() throws {
        let index = try JSON(parsing: try Self.bytes("dequant/index.json"))
        for (name, entry) in try #require(index.object).members {
            let format = try #require(TensorFormat(name: name))
            #expect(format.blockSize == entry["values_per_block"]?.int)
            #expect(format.blockBytes == entry["block_bytes"]?.int)
            let expected = try Self.floats("dequant/\(name).f32")
            let tensor = try Tensor(
                name: name, format: format, shape: [expected.count / 256, 256],
                bytes: try Self.bytes("dequant/\(name).blocks"))
            #expect(tensor.dequantized().map(\.bitPattern) == expected.map(\.bitPattern), "\(name)")
        }
    }

    @Test("every FP8 byte decodes to PyTorch's bits", .enabled(if: vectors != nil, reason))
    func fp8() throws {
        for (format, file) in [(TensorFormat.f8_E4M3, "e4m3fn"), (.f8_E5M2, "e5m2")] {
            let tensor = try Tensor(name: file, format: format, shape: [256], bytes: Array(0...255))
            let expected = try Self.floats("fp8/\(file)-to-f32.f32")
            #expect(tensor.dequantized().map(\.bitPattern) == expected.map(\.bitPattern))
        }
    }

    @Test("encoding gives the reference's bytes", .enabled(if: vectors != nil, reason))
    func encoding() throws {
        let input = try Self.floats("quantize/input.f32")
        for format in [TensorFormat.bf16, .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .tq2_0] {
            let expected = try Self.bytes("quantize/\(format.name).blocks")
            #expect(try Quantizer.quantize(input, as: format) == expected, "\(format.name)")
        }
    }
}
