import HadalBench
import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// An engine that is looked at while it generates.
@Suite(.timeLimit(.minutes(15))) struct ProfileTests {
    private static let layers = 2

    /// Without guesses: as many steps as tokens.
    private static func engine() throws -> Engine {
        var options = EngineOptions()
        options.speculation = .off
        return try Engine(
            model: TinyModel.model(maximumRows: 48), tokenizer: TinyModel.shared.tokenizer, blocks: 40, endTokens: [],
            options: options)
    }

    @Test func everyOperationOfAStepIsCounted() async throws {
        let engine = try Self.engine()
        let (length, tokens) = (5, 10)
        let clock = ContinuousClock()
        let start = clock.now
        let before = engine.model.device.work
        try await engine.startProfile()
        _ = try await engine.answer(.test(prompt(length, seed: 1), tokens))
        let profile = try await engine.stopProfile()
        let wall = (clock.now - start) / .nanoseconds(1)
        let work = engine.model.device.work - before
        let steps = profile.steps

        let phases = Dictionary(uniqueKeysWithValues: steps.phases.map { ($0.phase, $0) })
        #expect(phases[.prefill]?.steps == 1 && phases[.prefill]?.promptRows == length)
        #expect(phases[.decode]?.steps == tokens - 1 && phases[.decode]?.answerRows == tokens - 1)
        #expect(phases[.mixed] == nil && phases[.decode]?.promptRows == 0)
        let once: [StepOperation] = [.embedding, .copying, .head, .reading, .sampling, .delivery]
        for operation in once { #expect(steps.total(operation).calls == tokens, "\(operation)") }
        let inLayers: [StepOperation] = [
            .queryKeyValue, .rotation, .cacheWrite, .attention, .outputProjection, .gateUp, .activation, .down,
        ]
        for operation in inLayers { #expect(steps.total(operation).calls == Self.layers * tokens, "\(operation)") }
        #expect(steps.total(.norm).calls == (2 * Self.layers + 1) * tokens)
        #expect(steps.total(.assembly).calls == 2 * tokens, "by the engine, and by the device")
        // Unquantized weights, no experts, no constraint.
        for operation in [StepOperation.quantization, .latent, .router, .expertDown, .product, .mask] {
            #expect(steps.total(operation).calls == 0, "\(operation)")
        }

        let products: [StepOperation] = [.queryKeyValue, .outputProjection, .gateUp, .down, .head]
        #expect(products.reduce(0) { $0 + steps.total($1).bytes } == work.weightBytes && work.weightBytes > 0)
        #expect(products.reduce(0) { $0 + steps.total($1).floatOperations } == work.operations)
        // Keys and values in 16 bits of every position there is, by two heads of 16 numbers.
        let positions = (0..<tokens).reduce(0) { $0 + length + $1 }
        #expect(steps.total(.attention).bytes == positions * Self.layers * 2 * (16 + 16) * 2)

        #expect(Double(steps.nanoseconds) <= wall)
        #expect(steps.phases.allSatisfy { $0.otherNanoseconds >= 0 })
        #expect(profile.memory.cacheReserved == engine.statistics.totalBlocks * engine.statistics.blockBytes)
        #expect(profile.memory.weights > 0 && profile.memory.scratch > 0)
    }

    @Test func anEngineWithNothingToDoWaits() async throws {
        let engine = try Self.engine()
        try await engine.startProfile()
        let profile = try await engine.stopProfile()
        #expect(profile.steps.phases.allSatisfy { $0.phase == .engine && $0.steps == 0 })
    }

    @Test(arguments: DeterminismTests.Weights.allCases)
    func answersAreTheSameWhileSomebodyLooks(weights: DeterminismTests.Weights) async throws {
        func engine() throws -> Engine {
            try Engine(
                model: weights.load(rows: 64, threads: 2), tokenizer: TinyModel.shared.tokenizer, blocks: 60,
                endTokens: [])
        }
        let first = try engine()
        let limit = Int32(min(first.model.description.vocabularySize, TinyModel.vocabulary))
        let requests = (0..<3).map { index in
            var random = SplitMix(state: UInt64(index))
            let prompt = (0..<30 + 20 * index).map { _ in Int32.random(in: 0..<limit, using: &random) }
            return GenerationRequest.test(prompt, 20) {
                $0.sampling.temperature = 1
                $0.sampling.seed = UInt64(index)
                $0.topLogProbabilities = 3
                for token in limit..<max(limit, Int32(first.model.description.vocabularySize)) {
                    $0.sampling.logitBias[token] = -1e9
                }
            }
        }
        let expected = try await first.answers(requests)
        let profiled = try engine()
        try await profiled.startProfile()
        let answers = try await profiled.answers(requests)
        let profile = try await profiled.stopProfile()
        for index in requests.indices {
            #expect(answers[index]?.tokens == expected[index]?.tokens)
            #expect(
                answers[index]?.logProbabilities.map(\.bitPattern)
                    == expected[index]?.logProbabilities.map(\.bitPattern))
        }
        let products: [StepOperation] = [
            .queryKeyValue, .latent, .outputProjection, .router, .expertGateUp, .expertDown, .gateUp, .down, .head,
            .product,
        ]
        // It was new: all of its work was looked at.
        let work = profiled.model.device.work
        let counted = products.map { profile.steps.total($0) }
        #expect(counted.reduce(0) { $0 + $1.bytes } == work.weightBytes)
        #expect(counted.reduce(0) { $0 + $1.integerOperations + $1.floatOperations } == work.operations)
    }

    @Test func oneLooksAtATimeAndMayGiveUp() async throws {
        let engine = try Self.engine()
        let first = Task {
            // Until none of the short ones is in its way.
            while true {
                do { _ = try await engine.profile(for: .seconds(3600), probeBytes: nil) } catch EngineError.profiled {
                    await Task.yield()
                }
            }
        }
        // Until the first one has it.
        while true {
            do { _ = try await engine.profile(for: .zero, probeBytes: nil) } catch EngineError.profiled { break }
            await Task.yield()
        }
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        let profile = try await engine.profile(for: .zero, probeBytes: nil)
        #expect(profile.roofline == nil)
        engine.stop()
        await #expect(throws: EngineError.draining) { try await engine.profile(for: .zero, probeBytes: nil) }
    }

    @Test func aModelIsLookedAtWithoutAnEngine() throws {
        let model = try TinyModel.model(maximumRows: 16)
        let profile = try EngineBenchmark.profile(model, prefill: 40, decode: 6, batch: 2, probes: false)
        let phases = Dictionary(uniqueKeysWithValues: profile.steps.phases.map { ($0.phase, $0) })
        // 40 tokens in pieces of 16, twice.
        #expect(phases[.prefill]?.steps == 6 && phases[.prefill]?.promptRows == 80)
        #expect(phases[.decode]?.steps == 6 && phases[.decode]?.answerRows == 12)
        #expect(phases[.decode]?.operations[.attention]?.calls == 6 * Self.layers)
        #expect(phases[.prefill]?.operations[.head]?.calls == 2, "for the last row of each prompt")
    }

    @Test func threadsAreReadAsProcWritesThem() throws {
        let line = "71 (a (b) c) S 1 71 71 0 -1 4194560 9 0 0 0 250 50 0 0 20 0 1 0 100 1 1 1"
        let found = try #require(ThreadTimes.parse(line, ticksPerSecond: 100))
        #expect(found.name == "a (b) c" && found.seconds == 3)
        for line in ["", "71 (x", "71 (x) S 1 2", "71 (x) S 1 71 71 0 -1 4194560 9 0 0 0 a b 0"] {
            #expect(ThreadTimes.parse(line, ticksPerSecond: 100) == nil)
        }
    }
}
