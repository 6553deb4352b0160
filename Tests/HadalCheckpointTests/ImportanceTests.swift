import Foundation
import HadalCheckpoint
import TestSupport
import Testing

@Suite struct ImportanceTests {
    private static let formats: [TensorFormat] = [.q4_0, .q4_1, .q5_0, .q5_1, .mxfp4, .q4_K, .q5_K, .q6_K]

    private func normal(_ count: Int, seed: UInt64) -> [Float] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in random.normal() }
    }

    /// From a thousandth to a thousand.
    private func importance(_ count: Int, seed: UInt64) -> [Float] { normal(count, seed: seed).map { exp(3 * $0) } }

    private func error(_ decoded: [Float], _ values: [Float], _ importance: [Float]) -> Double {
        values.indices.reduce(0) { sum, index in
            let difference = Double(decoded[index]) - Double(values[index])
            return sum + Double(importance[index % importance.count]) * difference * difference
        }
    }

    private func decoded(_ bytes: [UInt8], _ format: TensorFormat, _ shape: [Int]) throws -> [Float] {
        try Tensor(name: "t", format: format, shape: shape, bytes: bytes).dequantized()
    }

    private func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hadal-imatrix-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    @Test(arguments: formats) func whatMattersIsStoredMoreExactly(format: TensorFormat) throws {
        let values = normal(64 * 512, seed: 1)
        let importance = importance(512, seed: 2)
        let plain = try decoded(Quantizer.quantize(values, as: format), format, [64, 512])
        let weighted = try decoded(
            Quantizer.quantize(values, as: format, importance: importance), format, [64, 512])
        let gain = error(weighted, values, importance) / error(plain, values, importance)
        // MXFP4 has but two scales to choose from.
        #expect(gain < (format == .mxfp4 ? 1 : 0.8), "\(format.name): \(gain)")
    }

    @Test(arguments: [TensorFormat.q4_K, .q5_K, .q6_K, .mxfp4]) func whereAllMatterAlikeNothingChanges(
        format: TensorFormat
    ) throws {
        let values = normal(16 * 256, seed: 3)
        let alike = Array(repeating: Float(1), count: 256)
        #expect(
            try Quantizer.quantize(values, as: format, importance: alike) == Quantizer.quantize(values, as: format))
    }

    @Test func eightBitsTakeNoNoticeAndRowsHaveToFit() throws {
        let values = normal(4 * 64, seed: 4)
        let importance = importance(64, seed: 5)
        #expect(
            try Quantizer.quantize(values, as: .q8_0, importance: importance)
                == Quantizer.quantize(values, as: .q8_0))
        #expect(throws: CheckpointError.self) {
            try Quantizer.quantize(values, as: .q4_0, importance: Array(importance.prefix(48)))
        }
        #expect(throws: CheckpointError.self) { try Quantizer.quantize(values, as: .q4_0, importance: []) }
    }

    /// Through a file, with experts that see different things, one of them nothing.
    @Test func aPackedModelIsMoreExactWhereItMatters() throws {
        try inFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            let (shape, rows) = ([3, 16, 256], 16 * 256)
            let values = normal(3 * rows, seed: 6)
            var writer = GGUFWriter()
            writer.metadata["general.architecture"] = .string("test")
            try writer.add(
                "blk.0.ffn_up_exps.weight", format: .f32, shape: shape, bytes: Quantizer.quantize(values, as: .f32))
            try writer.write(to: path("model.gguf"))
            let own = [importance(256, seed: 7), importance(256, seed: 8)]
            let matrix = ImportanceMatrix(
                entries: [
                    "blk.0.ffn_up_exps.weight": .init(
                        inputs: 256,
                        sums: own[0].map { 5 * $0 } + own[1].map { 9 * $0 } + Array(repeating: 0, count: 256),
                        counts: [5, 9, 0])
                ], text: "a text", context: 512, windows: 3)
            try matrix.write(to: path("imatrix.gguf"))
            let read = try ImportanceMatrix(path: path("imatrix.gguf"))
            #expect(read.entries == matrix.entries)
            #expect(read.text == "a text" && read.context == 512 && read.windows == 3)

            let checkpoint = try Checkpoint.open(path("model.gguf"))
            try Packer(checkpoint, recipe: PackRecipe(.q4_0), importance: read).write(to: path("weighted.gguf"))
            try Packer(checkpoint, recipe: PackRecipe(.q4_0)).write(to: path("plain.gguf"))
            func experts(_ name: String) throws -> [[Float]] {
                let tensor = try Checkpoint.open(path(name)).tensor("blk.0.ffn_up_exps.weight")
                return try (0..<3).map { try tensor.slice($0).dequantized() }
            }
            let (weighted, plain) = (try experts("weighted.gguf"), try experts("plain.gguf"))
            for expert in 0..<2 {
                let wanted = Array(values[expert * rows..<(expert + 1) * rows])
                let gain = error(weighted[expert], wanted, own[expert]) / error(plain[expert], wanted, own[expert])
                #expect(gain < 0.8, "expert \(expert): \(gain)")
            }
            #expect(weighted[2] == plain[2])
        }
    }

    @Test func anotherModelsMatrixAndOtherFilesAreRefused() throws {
        try inFolder { folder in
            func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
            var writer = GGUFWriter()
            writer.metadata["general.architecture"] = .string("test")
            try writer.add(
                "blk.0.ffn_up.weight", format: .f32, shape: [8, 64],
                bytes: Quantizer.quantize(normal(8 * 64, seed: 9), as: .f32))
            try writer.write(to: path("model.gguf"))
            let checkpoint = try Checkpoint.open(path("model.gguf"))
            func refusal(_ name: String, inputs: Int) -> String? {
                let matrix = ImportanceMatrix(
                    entries: [name: .init(inputs: inputs, sums: Array(repeating: 1, count: inputs), counts: [1])],
                    text: "", context: 2, windows: 1)
                do {
                    _ = try Packer(checkpoint, recipe: PackRecipe(.q4_0), importance: matrix)
                    return nil
                } catch { return "\(error)" }
            }
            #expect(refusal("blk.0.ffn_up.weight", inputs: 64) == nil)
            #expect(refusal("blk.0.ffn_up.weight", inputs: 32)?.contains("blk.0.ffn_up.weight") == true)
            #expect(refusal("blk.7.ffn_up.weight", inputs: 64)?.contains("another model") == true)
            #expect(throws: CheckpointError.self) { try ImportanceMatrix(path: path("model.gguf")) }
            #expect(throws: CheckpointError.self) { try ImportanceMatrix(path: path("missing.gguf")) }
        }
    }
}
