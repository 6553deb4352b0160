import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// Texts that begin alike are computed once, and nobody can tell by the answer.
@Suite struct PrefixCacheTests {
    private func engine(
        blocks: Int = 40, model: (any LanguageModel)? = nil, _ change: (inout EngineOptions) -> Void = { _ in }
    ) throws -> Engine {
        var options = EngineOptions()
        change(&options)
        return try Engine(
            model: model ?? TinyModel.model(maximumRows: 48), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
            endTokens: [], options: options)
    }

    private func request(_ prompt: [Int32], _ count: Int = 20, tenant: String = "") -> GenerationRequest {
        .test(prompt, count) {
            $0.sampling.temperature = 1
            $0.sampling.seed = 77
            $0.topLogProbabilities = 3
            $0.tenant = tenant
        }
    }

    @Test(arguments: [1, 31, 32, 33, 63, 64, 65, 96, 100, 200]) func aHitGivesTheBitsOfAMiss(length: Int) async throws {
        let cold = try engine { $0.reusesPrefixes = false }
        let warm = try engine()
        let wanted = request(prompt(length, seed: 3))
        let expected = try await cold.answer(wanted)
        #expect(expected.cached == 0)
        #expect(try await warm.answer(wanted).withoutCounts == expected.withoutCounts)
        let again = try await warm.answer(wanted)
        #expect(again.withoutCounts == expected.withoutCounts)
        // Whole blocks, and never the last token.
        #expect(again.cached == min(length / 32 * 32, length - 1))
        #expect(cold.statistics.cachedBlocks == 0)
    }

    @Test func anAnswerIsPartOfTheNextTurnsPrefix() async throws {
        let engine = try engine()
        let first = prompt(50, seed: 4)
        let answer = try await engine.answer(request(first, 60))
        let second = first + answer.tokens + prompt(20, seed: 5)
        let next = try await engine.answer(request(second))
        // 50 + 59 positions are computed: the last token is drawn, not computed.
        #expect(next.cached == 96)
        let alone = try await self.engine { $0.reusesPrefixes = false }.answer(request(second))
        #expect(next.withoutCounts == alone.withoutCounts)
    }

    @Test func tenantsShareNothing() async throws {
        let engine = try engine()
        let text = prompt(100, seed: 6)
        let first = try await engine.answer(request(text, tenant: "a"))
        let second = try await engine.answer(request(text, tenant: "b"))
        let third = try await engine.answer(request(text, tenant: "a"))
        #expect((first.cached, second.cached, third.cached) == (0, 0, 96))
        #expect(first.withoutCounts == second.withoutCounts && first.withoutCounts == third.withoutCounts)
    }

    /// The choices of one prompt come at once: even in one step it is computed once.
    @Test func requestsOfTheSameStepShare() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 256))
        let engine = try engine(model: model)
        let text = prompt(100, seed: 7)
        let busy = try engine.submit(.test([5], 2))
        await model.reachesGate()
        let streams = try (0..<4).map { _ in try engine.submit(request(text)) }
        model.allow(1000)
        var answers: [Answer] = []
        for stream in streams { answers.append(await Answer(stream)) }
        _ = await Answer(busy)
        #expect(answers.map(\.cached) == [0, 96, 96, 96])
        #expect(Set(answers.map(\.text)).count == 1)
        let alone = try await self.engine { $0.reusesPrefixes = false }.answer(request(text))
        for answer in answers { #expect(answer.withoutCounts == alone.withoutCounts) }
        #expect(engine.statistics.promptTokens == 1 + 100 + 3 * 4)
        #expect(engine.statistics.cachedTokens == 3 * 96)
    }

    /// Requests with the same draws fill the same blocks at the same time, and keep one of each.
    @Test func twinsKeepOneCopy() async throws {
        let engine = try engine()
        let wanted = request(prompt(40, seed: 8), 100)
        async let one = engine.answer(wanted)
        async let two = engine.answer(wanted)
        let (first, second) = try await (one, two)
        #expect(first.withoutCounts == second.withoutCounts)
        await engine.drain()
        #expect(engine.statistics.cachedBlocks == 139 / 32)
        #expect(engine.statistics.usedBlocks == 0)
    }

    @Test func theCacheMakesRoom() async throws {
        let engine = try engine(blocks: 8)
        for seed in 0..<20 as Range<UInt64> {
            #expect(try await engine.answer(request(prompt(100, seed: seed), 50)).generated == 50)
        }
        #expect(engine.statistics.evictions > 50)
        #expect(engine.statistics.cachedBlocks + engine.statistics.freeBlocks == 8)
        // The last is still there, the first is not.
        #expect(try await engine.answer(request(prompt(100, seed: 19), 1)).cached == 96)
        #expect(try await engine.answer(request(prompt(100, seed: 0), 1)).cached == 0)
    }
}
