import Foundation
import HadalBench
import HadalCheckpoint
import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// The same prompt, seed and parameters give the same bits, whatever else the engine does and however it is set.
@Suite struct DeterminismTests {
    /// Checkpoints of other tests, and of random weights: grouped and latent attention, experts, several formats.
    enum Weights: String, CaseIterable, CustomTestStringConvertible {
        case float32
        case quantized8 = "q8_0"
        case quantized4 = "q4_0"
        case latent = "deepseek-v2-lite"
        case latentFP8 = "deepseek-v3-fp8"
        case experts = "deepseek-moe"

        var testDescription: String { rawValue }

        func load(rows: Int, threads: Int) throws -> any LanguageModel {
            switch self {
            case .float32: return try TinyModel.model(maximumRows: rows, threads: threads)
            case .quantized8, .quantized4:
                let path = NSTemporaryDirectory() + "hadal-\(UUID().uuidString).gguf"
                defer { try? FileManager.default.removeItem(atPath: path) }
                try SyntheticCheckpoint.write(
                    SyntheticShape.named("tiny")!, format: TensorFormat(name: rawValue)!, to: path)
                return try load(path, rows, threads)
            case .latent, .latentFP8, .experts:
                let path = SharedData.repository.appendingPathComponent("Tests/HadalModelsTests/Fixtures/\(rawValue)")
                return try load(path.path, rows, threads)
            }
        }

        private func load(_ path: String, _ rows: Int, _ threads: Int) throws -> any LanguageModel {
            try ModelLoader.load(
                Checkpoint.open(path), device: CPUDevice(threads: threads), maximumRows: rows)
        }
    }

    private func engine(
        _ weights: Weights, rows: Int = 64, threads: Int = 1, blocks: Int = 60,
        cacheFormat: KVCacheShape.Format = .f16, _ change: (inout EngineOptions) -> Void = { _ in }
    ) throws -> Engine {
        var options = EngineOptions()
        change(&options)
        return try Engine(
            model: weights.load(rows: rows, threads: threads), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
            cacheFormat: cacheFormat, endTokens: [], options: options)
    }

    /// Any text will do: the tokenizer is not the model's.
    private func request(_ model: any LanguageModel, length: Int, count: Int, seed: UInt64) -> GenerationRequest {
        var random = SplitMix(state: seed)
        let limit = Int32(min(model.description.vocabularySize, TinyModel.vocabulary))
        return .test((0..<length).map { _ in Int32.random(in: 0..<limit, using: &random) }, count) {
            $0.sampling.temperature = 1
            $0.sampling.topP = 0.95
            $0.sampling.seed = seed
            $0.topLogProbabilities = 5
            for token in limit..<max(limit, Int32(model.description.vocabularySize)) {
                $0.sampling.logitBias[token] = -1e9
            }
        }
    }

    private func wanted(_ model: any LanguageModel) -> GenerationRequest {
        request(model, length: 70, count: 40, seed: 1)
    }

    /// One request of many, in the midst of the others.
    private func answer(_ engine: Engine, among others: Int, count: Int = 20) async throws -> Answer {
        try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for index in 0...others {
                let request =
                    index == others / 2
                    ? wanted(engine.model)
                    : request(engine.model, length: 5 + 7 * index % 90, count: count + index, seed: UInt64(index + 100))
                group.addTask { (index, try await engine.answer(request)) }
            }
            return try await group.reduce(into: Answer()) { if $1.0 == others / 2 { $0 = $1.1 } }
        }
    }

    @Test(arguments: Weights.allCases) func bitsDependOnTheRequestAlone(weights: Weights) async throws {
        let plain = try engine(weights) { $0.reusesPrefixes = false }
        let expected = try await plain.answer(wanted(plain.model))
        #expect(expected.logProbabilities.count == 40)
        func same(_ answer: Answer, _ what: Comment) {
            #expect(answer.tokens == expected.tokens, what)
            #expect(
                answer.logProbabilities.map(\.bitPattern) == expected.logProbabilities.map(\.bitPattern), what)
            #expect(answer.alternatives == expected.alternatives, what)
            #expect(answer.text == expected.text, what)
        }
        let engine = try engine(weights)
        same(try await engine.answer(wanted(engine.model)), "cold")
        let hit = try await engine.answer(wanted(engine.model))
        #expect(hit.cached == 64)
        same(hit, "prefix found")
        same(try await answer(self.engine(weights), among: 31), "among 31")
        same(try await answer(self.engine(weights, threads: 2), among: 31), "among 31, 2 threads")
        same(try await answer(self.engine(weights, threads: 2), among: 0), "2 threads")
        for rows in [1, 7, 33] {
            let cut = try self.engine(weights) { $0.promptRows = rows }
            same(try await cut.answer(wanted(cut.model)), "prompt cut in pieces of \(rows)")
        }
        let beside = try self.engine(weights) { $0.promptRowsBesideDecode = 5 }
        same(try await answer(beside, among: 11), "5 rows beside decode")
        for count in [1, 13, 32, 39] {
            var rest = wanted(plain.model)
            rest.generated = Array(expected.tokens.prefix(count))
            let answer = try await self.engine(weights).answer(rest)
            #expect(answer.tokens == expected.tokens && answer.text == expected.text, "after \(count) tokens")
            #expect(
                answer.logProbabilities.map(\.bitPattern)
                    == expected.logProbabilities.dropFirst(count).map(\.bitPattern), "after \(count) tokens")
        }
        for reuses in [true, false] {
            let tight = try self.engine(weights, blocks: 9) { $0.reusesPrefixes = reuses }
            same(try await answer(tight, among: 9, count: 80), "too few blocks")
            #expect(tight.statistics.preemptions > 0)
            same(try await preempted(weights, reusesPrefixes: reuses), "made room")
        }
    }

    @Test(arguments: [Weights.float32, .latent]) func aCacheOf8BitsKeepsThemToo(weights: Weights) async throws {
        let plain = try engine(weights, cacheFormat: .int8) { $0.reusesPrefixes = false }
        let expected = try await plain.answer(wanted(plain.model)).withoutCounts
        let engine = try engine(weights, threads: 2, cacheFormat: .int8) { $0.promptRows = 7 }
        for _ in 0..<2 { #expect(try await engine.answer(wanted(engine.model)).withoutCounts == expected) }
        #expect(try await answer(engine, among: 15).withoutCounts == expected)
        // It is not the cache of 16 bits, but near it.
        let wide = try self.engine(weights)
        let other = try await wide.answer(wanted(wide.model))
        #expect(other.logProbabilities != expected.logProbabilities)
        #expect(abs(other.logProbabilities[0] - expected.logProbabilities[0]) < 0.1)
    }

    /// The answer of a request that had to make room in the midst of it.
    private func preempted(_ weights: Weights, reusesPrefixes: Bool) async throws -> Answer {
        let model = GatedModel(try weights.load(rows: 64, threads: 1))
        var options = EngineOptions()
        options.sequencesMax = 2
        options.reusesPrefixes = reusesPrefixes
        let engine = try Engine(
            model: model, tokenizer: TinyModel.shared.tokenizer, blocks: 20, endTokens: [], options: options)
        let stream = try engine.submit(wanted(model))
        model.allow(15)
        await model.reachesGate()
        let others = try (0..<3).map { index in
            var other = request(model, length: 20, count: 30, seed: UInt64(index))
            other.priority = 1
            return try engine.submit(other)
        }
        model.allow(100_000)
        let answer = await Answer(stream)
        for other in others { #expect(await Answer(other).generated == 30) }
        #expect(engine.statistics.preemptions == 1)
        #expect(engine.statistics.recomputedTokens < 32 || !reusesPrefixes)
        #expect(engine.statistics.recomputedTokens > 70 || reusesPrefixes)
        return answer
    }

    /// Every prompt length, so that hits end at every place in a block.
    @Test func hitsOfEveryLengthGiveTheSameBits() async throws {
        let plain = try engine(.float32) { $0.reusesPrefixes = false }
        let warm = try engine(.float32)
        for length in 1...100 {
            let request = GenerationRequest.test(prompt(length, seed: 9), 6) { $0.topLogProbabilities = 2 }
            let expected = try await plain.answer(request)
            #expect(try await warm.answer(request).withoutCounts == expected.withoutCounts, "\(length)")
        }
        #expect(warm.statistics.hitRate > 0.5)
    }

    /// Much more than fits, from tenants with priorities: nobody fails, and everybody gets their own answer.
    @Test func aStormChangesNoAnswer() async throws {
        let plain = try engine(.float32) { $0.reusesPrefixes = false }
        let storm = try engine(.float32, threads: 2, blocks: 10) { $0.sequencesMax = 12 }
        let requests = (0..<60).map { index in
            GenerationRequest.test(
                prompt(1 + 13 * index % 150, seed: UInt64(index % 7)), 1 + 17 * index % 90
            ) {
                $0.sampling.temperature = 1
                $0.sampling.seed = UInt64(index)
                $0.topLogProbabilities = 1
                $0.tenant = "\(index % 3)"
                $0.priority = index % 11 == 0 ? 1 : 0
            }
        }
        let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await storm.answer(request)) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        await storm.drain()
        #expect(storm.statistics.preemptions > 0 && storm.statistics.usedBlocks == 0)
        for (index, request) in requests.enumerated() {
            let expected = try await plain.answer(request)
            #expect(answers[index]?.withoutCounts == expected.withoutCounts, "\(index)")
        }
    }
}
