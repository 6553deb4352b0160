import Foundation
import HadalBench
import HadalCheckpoint
import HadalCompute
import HadalModels
import TestSupport
import Testing

@testable import HadalPlan

/// Sizes against real files and against what the engine does with them.
@Suite(.timeLimit(.minutes(15)))
struct WeightsTests {
    private let directory: TemporaryDirectory
    private static let guide = SharedData.repository.appendingPathComponent("Guide/guide.gguf").path

    init() throws { directory = try TemporaryDirectory() }

    private func synthetic(_ name: String, _ format: TensorFormat, layers: Int) throws -> Checkpoint {
        let path = directory.file("\(name)-\(format.name).gguf")
        try SyntheticCheckpoint.write(#require(.named(name, layers: layers)), format: format, to: path)
        return try Checkpoint.open(path)
    }

    @Test func whatAFileTakesIsTheSumOfItsTensors() throws {
        for checkpoint in [
            try Checkpoint.open(Self.guide), try synthetic("tiny", .q8_0, layers: 2),
            try synthetic("tiny", .bf16, layers: 3),
        ] {
            let weights = try ModelWeights(checkpoint, shape: ModelShape(checkpoint))
            #expect(weights.storedBytes == checkpoint.byteCount)
            #expect(
                weights.parameters + weights.predictionParameters
                    == checkpoint.tensors.values.reduce(0) { $0 + $1.count })
        }
    }

    @Test func whatAShapeTakesIsWhatItsFileTakes() throws {
        for checkpoint in [
            try Checkpoint.open(Self.guide), try synthetic("tiny", .bf16, layers: 2),
            try synthetic("v2-lite", .q4_0, layers: 2),
        ] {
            let shape = try ModelShape(checkpoint)
            let file = ModelWeights(checkpoint, shape: shape)
            let computed = ModelWeights(shape, in: .bf16)
            #expect(computed.parameters == file.parameters)
            #expect(computed.predictionParameters == file.predictionParameters)
        }
    }

    @Test(arguments: PackRecipe.formats)
    func otherFormatsTakeWhatPackWrites(format: TensorFormat) throws {
        for checkpoint in [try Checkpoint.open(Self.guide), try synthetic("tiny", .bf16, layers: 2)] {
            let weights = try ModelWeights(checkpoint, shape: ModelShape(checkpoint)).packed(as: format)
            let packer = try Packer(checkpoint, recipe: PackRecipe(format), requantizes: true)
            #expect(weights.storedBytes == packer.bytesAfter)
        }
    }

    @Test(arguments: [TensorFormat.q8_0, .q4_0, .q4_K, .q6_K, .bf16])
    func oneTokenReadsWhatTheRooflineSays(format: TensorFormat) throws {
        try checkWork(try synthetic("tiny", format, layers: 2))
    }

    @Test func oneTokenOfExpertsReadsWhatTheRooflineSays() throws {
        try checkWork(try synthetic("v2-lite", .q4_0, layers: 2))
        try checkWork(try Checkpoint.open(Self.guide))
    }

    /// Directories: experts one by one, MLA's joint up-projection, tied embeddings.
    @Test(arguments: ["deepseek-v2", "deepseek-v2-lite", "deepseek-v3", "deepseek-moe", "qwen2", "qwen3-yarn"])
    func oneTokenOfADirectoryReadsWhatTheRooflineSays(name: String) throws {
        let path = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/\(name)").path
        try checkWork(try Checkpoint.open(path))
    }

    /// One sequence reads exactly `perToken` experts, so that nothing is left to chance.
    private func checkWork(_ checkpoint: Checkpoint) throws {
        let model = try ModelLoader.load(checkpoint, device: CPUDevice(threads: 1), maximumRows: 4)
        let weights = try ModelWeights(checkpoint, shape: ModelShape(checkpoint))
        let cache = try model.device.makeCache(model.cacheShape(blocks: 1, format: .f16))
        var step = Step()
        (step.tokens, step.positions, step.sequences, step.blockTables) = ([5], [0], [0], [[0]])
        let before = model.device.work
        _ = model.forward(step, cache: cache, outputRows: [0])
        let work = model.device.work - before
        let planned = Roofline(weights, .test, cacheFormat: .f16).decode(batch: 1, length: 1)
        #expect(abs(planned.weightBytes - Double(work.weightBytes)) < 1)
        #expect(abs(planned.operations - Double(work.operations)) < 1)
    }

    @Test func keysAndValuesTakeWhatTheEngineAllocates() throws {
        for checkpoint in [
            try Checkpoint.open(Self.guide), try synthetic("tiny", .q8_0, layers: 2),
            try synthetic("v2-lite", .q4_0, layers: 2),
        ] {
            let shape = try ModelShape(checkpoint)
            for layers in [nil, 1] {
                let model = try ModelLoader.load(
                    checkpoint, device: CPUDevice(threads: 1), maximumRows: 1, predictsFromLayers: layers)
                let predicts = model.predictor != nil
                for format in KVCacheShape.Format.allCases {
                    let engine = model.cacheShape(blocks: 3, format: format)
                    #expect(shape.cacheShape(blocks: 3, format: format, predicts: predicts) == engine)
                    // 65 positions begin a third block.
                    #expect(
                        shape.cacheBytes(positions: 65, format: format, predicts: predicts) == 3 * engine.bytesPerBlock)
                }
            }
        }
    }

    @Test func expertsThatABatchTouches() {
        #expect(Roofline.distinctExperts(count: 64, perToken: 6, rows: 1).rounded() == 6)
        // What a draw of 32 rows touches, by trying it.
        var random = SplitMix(state: 7)
        let trials = 400
        var touched = 0
        for _ in 0..<trials {
            touched += Set((0..<32).flatMap { _ in (0..<64).shuffled(using: &random).prefix(6) }).count
        }
        let expected = Roofline.distinctExperts(count: 64, perToken: 6, rows: 32)
        #expect(abs(Double(touched) / Double(trials) - expected) < 0.3)
    }
}
