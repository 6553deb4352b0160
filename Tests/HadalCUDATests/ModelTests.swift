import Foundation
import HadalCUDA
import HadalCheckpoint
import HadalCompute
import HadalJSON
import HadalModels
import TestSupport
import Testing

/// Whole models, on the card and on the processor.
@Suite struct ModelTests {
    /// Of the largest logit: rows are rounded to float16 before products.
    private static let limit: Float = 1e-2

    private static func difference(_ values: [Float], _ reference: [Float]) -> Float {
        let worst = zip(values, reference).map { abs($0 - $1) }.max() ?? .infinity
        return values.count == reference.count && values.allSatisfy(\.isFinite)
            ? worst / (reference.map(abs).max() ?? 1) : .infinity
    }

    /// - Parameter isQuantized: whether the processor rounds rows to 8 bits, which the card does not.
    private static func check(_ path: String, _ tokens: [Int32], isQuantized: Bool = false, chunks: [Int]) throws {
        func model(_ device: any ComputeDevice) throws -> any LanguageModel {
            try ModelLoader.load(Checkpoint.open(path), device: device, maximumRows: 64)
        }
        let processor = try TestModels.logits(model(processor()), tokens, chunk: 64)
        let exact = try TestModels.logits(model(TestCard.device(isExact: true)), tokens, chunk: 64)
        let mistake = difference(exact, processor)
        #expect(mistake < (isQuantized ? 0.05 : 1e-5), "in float32: \(mistake)")
        let card = try model(TestCard.device())
        let whole = try TestModels.logits(card, tokens, chunk: 64)
        let rounding = difference(whole, exact)
        #expect(rounding < limit, "\(rounding)")
        for chunk in chunks { #expect(try TestModels.logits(card, tokens, chunk: chunk) == whole, "cut into \(chunk)") }
    }

    @Test(arguments: [
        "llama-bf16", "llama-linear", "llama-bands", "llama-yarn", "qwen2", "qwen3-yarn", "deepseek-moe",
        "deepseek-v2-lite", "deepseek-v2", "deepseek-v3", "deepseek-v3-fp8",
    ])
    func logitsAreTheProcessorsHoweverThePromptIsCut(_ name: String) throws {
        let json = try JSON(parsing: Data(contentsOf: URL(fileURLWithPath: TestModels.fixture(name) + "/tokens.json")))
        let sequences = try #require(json["tokens"]?.array).map { $0.array!.map { Int32($0.int!) } }
        let longest = try #require(sequences.max { $0.count < $1.count })
        try Self.check(TestModels.fixture(name), Array(longest.prefix(20)), chunks: [1, 7])
    }

    @Test func theBuiltInGuideSpeaksOnTheCardToo() throws {
        try Self.check(TestModels.guide, [1, 17, 300, 42, 5, 99, 1000, 7, 64], isQuantized: true, chunks: [4])
    }

    /// As models are served: attention on the matrix units.
    @Test(arguments: [TestModels.guide] + ["llama-bf16", "qwen2"].map(TestModels.fixture))
    func keysAndValuesInFloat16(_ path: String) throws {
        func logits(_ device: any ComputeDevice, chunk: Int) throws -> [Float] {
            let model = try ModelLoader.load(Checkpoint.open(path), device: device, maximumRows: 64)
            return try TestModels.logits(model, [1, 17, 30, 42, 5, 9, 10, 7, 4], chunk: chunk, format: .f16)
        }
        let whole = try logits(TestCard.device(), chunk: 64)
        let difference = Self.difference(whole, try logits(processor(), chunk: 64))
        // The processor rounds the guide's rows to 8 bits.
        #expect(difference < (path == TestModels.guide ? 0.05 : Self.limit), "\(difference)")
        for chunk in [1, 4] { #expect(try logits(TestCard.device(), chunk: chunk) == whole, "cut into \(chunk)") }
    }

    @Test(arguments: ["bert", "xlm-roberta"]) func vectorsAreTheProcessors(_ name: String) throws {
        let folder = TestModels.fixture(name)
        let texts: [[Int32]] = [[1, 5, 9, 2], [1, 7, 2], [1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 2]]
        func vectors(_ device: any ComputeDevice) throws -> [Float] {
            try ModelLoader.loadEncoder(Checkpoint.open(folder), device: device).encode(texts).flatMap { $0 }
        }
        let worst = Self.difference(try vectors(TestCard.device()), try vectors(processor()))
        #expect(worst < Self.limit, "\(worst)")
    }

    /// The prediction layer of V3, which takes hidden states where the model left them.
    @Test func guessesAreTheProcessors() throws {
        let folder = TestModels.fixture("deepseek-v3")
        func guesses(_ device: any ComputeDevice) throws -> [Float] {
            let model = try ModelLoader.load(
                Checkpoint.open(folder), device: device, maximumRows: 16, predictsFromLayers: 0)
            let cache = try device.makeCache(model.cacheShape(blocks: 1, format: .f16))
            var step = Step()
            (step.tokens, step.positions, step.sequences) = ([3, 1, 4, 1, 5], [0, 1, 2, 3, 4], [0, 0, 0, 0, 0])
            step.blockTables = [[0]]
            _ = model.forward(step, cache: cache, outputRows: [4])
            step.tokens = [1, 4, 1, 5, 9]
            let predictor = try #require(model.predictor)
            let output = predictor.predict(
                step, from: .model, sourceRows: [0, 1, 2, 3, 4], cache: cache, outputRows: [3, 4])
            return device.read(output, rows: 2)
        }
        let worst = Self.difference(try guesses(TestCard.device()), try guesses(processor()))
        #expect(worst < Self.limit, "\(worst)")
    }
}
