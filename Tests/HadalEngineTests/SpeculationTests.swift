import Foundation
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// Tokens guessed ahead change the number of steps and nothing else.
@Suite struct SpeculationTests {
    /// A model whose guesses are as good as the test wants: its predictor knows the answer, and errs now and then.
    private final class Foresight: LanguageModel, TokenPredictor, @unchecked Sendable {
        let base: any LanguageModel
        /// What the model will say, from position 0 on.
        let text: [Int32]
        /// Positions whose guesses are wrong.
        let errs: @Sendable (Int) -> Bool
        private let guesses: Buffer
        private(set) var steps = 0
        private(set) var rows = 0

        init(_ base: any LanguageModel, _ text: [Int32], errs: @escaping @Sendable (Int) -> Bool) {
            self.base = base
            self.text = text
            self.errs = errs
            guesses = try! base.device.allocate(rows: 64, width: base.description.vocabularySize)
        }

        var description: ModelDescription { base.description }
        var device: any ComputeDevice { base.device }
        var maximumRows: Int { base.maximumRows }
        var predictor: (any TokenPredictor)? { self }
        func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape {
            base.cacheShape(blocks: blocks, format: format)
        }

        func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer {
            steps += 1
            rows += step.rows
            return base.forward(step, cache: cache, outputRows: outputRows)
        }

        func predict(
            _ step: Step, from source: PredictionSource, sourceRows: [Int32], cache: any KVCache, outputRows: [Int32]
        ) -> Buffer {
            var values = [Float](repeating: 0, count: guesses.rows * guesses.width)
            for (row, output) in outputRows.enumerated() {
                let position = Int(step.positions[Int(output)]) + 2
                guard position < text.count else { continue }
                let token = Int(text[position]) ^ (errs(position) ? 1 : 0)
                values[row * guesses.width + token] = 1
            }
            device.write(values, into: guesses)
            return Buffer(address: guesses.address, rows: outputRows.count, width: guesses.width)
        }
    }

    private func engine(
        _ model: any LanguageModel, blocks: Int = 60, _ change: (inout EngineOptions) -> Void = { _ in }
    ) throws -> Engine {
        var options = EngineOptions()
        change(&options)
        return try Engine(
            model: model, tokenizer: TinyModel.shared.tokenizer, blocks: blocks, endTokens: [], options: options)
    }

    private func request(_ length: Int, _ count: Int, seed: UInt64) -> GenerationRequest {
        .test(prompt(length, seed: seed), count) {
            $0.sampling.temperature = 1
            $0.sampling.seed = seed
            $0.sampling.repetitionPenalty = 1.1
            $0.sampling.frequencyPenalty = 0.1
            $0.topLogProbabilities = 3
        }
    }

    @Test(arguments: [1, 3, 1000]) func rightGuessesSaveStepsAndWrongOnesHarmNothing(errsEvery period: Int) async throws
    {
        let plain = try engine(TinyModel.model(maximumRows: 64)) { $0.speculation = .off }
        let wanted = request(40, 200, seed: 5)
        let expected = try await plain.answer(wanted)
        let model = try Foresight(TinyModel.model(maximumRows: 64), wanted.prompt + expected.tokens) {
            $0 % period == 0
        }
        let engine = try engine(model) { $0.speculation.usesLookup = false }
        let answer = try await engine.answer(wanted)
        #expect(answer == expected)
        await engine.drain()
        let speculation = engine.statistics.speculation
        #expect(engine.statistics.generatedTokens == 200)
        #expect(speculation.predictor.drafted > 0 && speculation.lookup.drafted == 0)
        // Every token but the first of a step was a guess that was right.
        #expect(model.steps + speculation.predictor.accepted == 200)
        #expect(model.rows == 40 + 199 + speculation.predictor.drafted - speculation.predictor.accepted)
        switch period {
        case 1: #expect(speculation.predictor.accepted == 0)
        default: #expect(speculation.predictor.accepted > 0)
        }
    }

    @Test func aTextThatRepeatsItselfIsLookedUp() async throws {
        let wanted = GenerationRequest.test(prompt(20, seed: 8), 300) {
            $0.topLogProbabilities = 1
            $0.sampling.logitBias = [65: 1000]
        }
        let plain = try engine(TinyModel.model(maximumRows: 64)) { $0.speculation = .off }
        let expected = try await plain.answer(wanted)
        let engine = try engine(TinyModel.model(maximumRows: 64))
        #expect(try await engine.answer(wanted) == expected)
        await engine.drain()
        // How many depends on what steps cost.
        #expect(engine.statistics.speculation.lookup.accepted > 0)
        #expect(plain.statistics.speculation == SpeculationStatistics())
    }

    /// Stops in the midst of a draft: by a token, by a text, and by the number of tokens.
    @Test func nothingComesAfterTheEnd() async throws {
        let plain = try engine(TinyModel.model(maximumRows: 64)) { $0.speculation = .off }
        let long = try await plain.answer(request(30, 120, seed: 6))
        for end in 80..<100 {
            let model = try Foresight(
                TinyModel.model(maximumRows: 64), request(30, 1, seed: 6).prompt + long.tokens, errs: { _ in false })
            let engine = try engine(model)
            var wanted = request(30, end, seed: 6)
            #expect(try await engine.answer(wanted).tokens == Array(long.tokens[..<end]))
            wanted.maximumTokens = 120
            wanted.stopTokens = [long.tokens[end]]
            let first = long.tokens.firstIndex(of: long.tokens[end])!
            let answer = try await engine.answer(wanted)
            #expect(answer.tokens == Array(long.tokens[..<first]) && answer.reason == .stop)
            await engine.drain()
            #expect(engine.statistics.usedBlocks == 0)
        }
    }

    /// The real layer, with random weights, in a cache that is too small: drafts must not take what others need.
    @Test func manyTextsWithTheModelsOwnGuesses() async throws {
        let path = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/deepseek-v3").path
        func load(predicts: Bool) throws -> any LanguageModel {
            try ModelLoader.load(
                Checkpoint.open(path), device: CPUDevice(threads: 1), maximumRows: 64,
                predictsFromLayers: predicts ? 0 : nil)
        }
        let plain = try engine(load(predicts: false)) {
            $0.speculation = .off
            $0.reusesPrefixes = false
        }
        let engine = try engine(load(predicts: true), blocks: 12) { $0.sequencesMax = 6 }
        let requests = (0..<24).map { index in
            var random = SplitMix(state: UInt64(index % 5))
            return GenerationRequest.test(
                (0..<10 + 7 * index % 60).map { _ in Int32.random(in: 2..<64, using: &random) }, 20 + 3 * index
            ) { $0.topLogProbabilities = 2 }
        }
        let answers = try await engine.answers(requests)
        for (index, request) in requests.enumerated() {
            let expected = try await plain.answer(request)
            #expect(answers[index]?.withoutCounts == expected.withoutCounts, "\(index)")
        }
        await engine.drain()
        #expect(engine.statistics.usedBlocks == 0)
        #expect(engine.statistics.speculation.predictor.drafted + engine.statistics.speculation.lookup.drafted > 0)
    }
}
