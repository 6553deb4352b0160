import Foundation
import HadalCheckpoint
import HadalCompute
import HadalModels
import TestSupport
import Testing

/// Multi-token prediction, beside what PyTorch makes of transformers' layers (`Scripts/make-reference.py`).
@Suite struct PredictionTests {
    /// Guesses of the token after next for all positions but the last, the prompt cut into chunks, and one that goes on
    /// from the last of them.
    private func predictions(_ model: any LanguageModel, _ tokens: [Int32], chunk: Int) throws -> ([Float], [Float]) {
        let predictor = try #require(model.predictor)
        let blocks = tokens.count / KVCacheShape.blockSize + 1
        let cache = try model.device.makeCache(model.cacheShape(blocks: blocks, format: .f32))
        let table = [(0..<blocks).map { Int32(blocks - 1 - $0) }]
        func step(_ range: Range<Int>, _ tokens: some Collection<Int32>) -> Step {
            var step = Step()
            step.tokens = Array(tokens)
            step.positions = range.map { Int32($0) }
            step.sequences = Array(repeating: 0, count: range.count)
            step.blockTables = table
            return step
        }
        var result: [Float] = []
        for start in stride(from: 0, to: tokens.count - 1, by: chunk) {
            let range = start..<min(start + chunk, tokens.count - 1)
            let rows = (0..<Int32(range.count)).map { $0 }
            _ = model.forward(step(range, tokens[range]), cache: cache, outputRows: [])
            let output = predictor.predict(
                step(range, tokens[range.lowerBound + 1..<range.upperBound + 1]), from: .model, sourceRows: rows,
                cache: cache, outputRows: rows)
            result += model.device.read(output, rows: range.count)
        }
        let last = result.suffix(model.description.vocabularySize)
        let likeliest = Int32(last.indices.max { last[$0] < last[$1] }! - last.startIndex)
        let end = tokens.count - 1
        let rows = [Int32((end - 1) % chunk)]
        let output = predictor.predict(
            step(end..<end + 1, [likeliest]), from: .prediction, sourceRows: rows, cache: cache, outputRows: [0])
        return (result, model.device.read(output, rows: 1))
    }

    private func check(_ checkpoint: Checkpoint) throws {
        let folder = Fixture.folder("deepseek-v3")
        let expected = try Checkpoint.open(folder.appendingPathComponent("predictions.safetensors").path)
        let model = try load(checkpoint, predictsFromLayers: 0)
        for (index, reference) in try ReferenceCase.folder(folder).enumerated() where reference.tokens.count > 1 {
            for chunk in [1, 5, 128] {
                let (own, next) = try predictions(model, reference.tokens, chunk: chunk)
                let all = try expected.tensor("prediction_\(index)").dequantized()
                #expect(own.count == all.count)
                #expect(worstDifference(own, all) <= LogitsTests.limit, "\(reference.tokens.count) by \(chunk)")
                let after = try expected.tensor("next_\(index)").dequantized()
                #expect(worstDifference(next, after) <= LogitsTests.limit, "\(reference.tokens.count) by \(chunk)")
            }
        }
        // The model's own numbers are what they are without it.
        let reference = try ReferenceCase.folder(folder)[2]
        #expect(worstDifference(try logits(model, reference.tokens, chunk: 33), reference.logits) <= LogitsTests.limit)
    }

    @Test func guessesAreWhatTheLayerPredicts() throws {
        try check(Checkpoint.open(Fixture.folder("deepseek-v3").path))
    }

    @Test func theLayerIsFoundInGGUF() throws {
        var conversion = GGUFConversion()
        conversion.metadata = {
            $0["deepseek2.block_count"] = .uint32(3)
            $0["deepseek2.nextn_predict_layers"] = .uint32(1)
        }
        try Fixture.asGGUF("deepseek-v3", conversion) { try check($0) }
    }

    @Test func whatIsNotThereOrNotWantedIsNotLoaded() throws {
        let checkpoint = try Checkpoint.open(Fixture.folder("deepseek-v3").path)
        let plain = try load(checkpoint)
        let full = try load(checkpoint, predictsFromLayers: 0)
        #expect(plain.predictor == nil && full.predictor != nil)
        #expect(plain.description.weightBytes < full.description.weightBytes)
        #expect(plain.cacheShape(blocks: 1, format: .f16).layers == 2)
        #expect(full.cacheShape(blocks: 1, format: .f16).layers == 3)
        #expect(try load(Checkpoint.open(Fixture.folder("deepseek-v2").path), predictsFromLayers: 0).predictor == nil)
    }
}
