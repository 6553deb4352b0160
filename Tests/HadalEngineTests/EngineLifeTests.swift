import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// Queueing, stopping and what is left afterwards.
@Suite struct EngineLifeTests {
    private func engine(
        blocks: Int, sequences: Int = 32, waiting: Int = 256, model: (any LanguageModel)? = nil
    ) throws -> Engine {
        var options = EngineOptions()
        options.sequencesMax = sequences
        options.waitingMax = waiting
        return try Engine(
            model: model ?? TinyModel.model(maximumRows: 16), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
            endTokens: [], options: options)
    }

    @Test func moreRequestsThanBlocksAreServedInTurn() async throws {
        // Each needs two blocks of the four.
        let engine = try engine(blocks: 4)
        let streams = try (0..<9).map { try engine.submit(.test(prompt(20 + $0, seed: UInt64($0)), 30)) }
        for stream in streams { #expect(await Answer(stream).generated == 30) }
        #expect(engine.statistics.usedBlocks == 0)
        #expect(engine.statistics.running == 0)
        #expect(engine.statistics.waiting == 0)
        #expect(engine.statistics.generatedTokens == 270)
        #expect(engine.statistics.promptTokens == (20..<29).reduce(0, +))
    }

    @Test func aCancelledReaderStopsWithinAStep() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 16))
        let engine = try engine(blocks: 8, model: model)
        let stream = try engine.submit(.test(prompt(2, seed: 1), 254))
        let reader = Task { for await _ in stream {} }
        model.allow(3)
        await model.reachesGate()
        #expect(engine.statistics.usedBlocks == 1)
        reader.cancel()
        await reader.value
        model.allow(1000)
        // Needs all the blocks there are.
        #expect(try await engine.answer(.test(prompt(2, seed: 2), 254)).generated == 254)
        #expect(engine.statistics.usedBlocks == 0)
        // Three steps, and the one that had begun.
        #expect(engine.statistics.generatedTokens == 4 + 254)
    }

    @Test func aDroppedStreamStopsToo() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 16))
        let engine = try engine(blocks: 8, model: model)
        _ = try engine.submit(.test(prompt(2, seed: 1), 254))
        for _ in 0..<20 { _ = try engine.submit(.test(prompt(2, seed: 1), 254)) }
        model.allow(1000)
        #expect(try await engine.answer(.test(prompt(2, seed: 2), 254)).generated == 254)
        #expect(engine.statistics.usedBlocks == 0)
        #expect(engine.statistics.generatedTokens <= 1 + 254)
    }

    @Test func drainingFinishesWhatIsThereAndTakesNoMore() async throws {
        let engine = try engine(blocks: 8, sequences: 2)
        let streams = try (0..<5).map { try engine.submit(.test(prompt(9, seed: UInt64($0)), 20)) }
        await engine.drain()
        #expect(engine.statistics.running + engine.statistics.waiting == 0)
        #expect(throws: EngineError.draining) { try engine.submit(.test([1], 1)) }
        for stream in streams { #expect(await Answer(stream).reason == .length) }
        // Again, and without anything to wait for.
        await engine.drain()
    }

    @Test func aFullQueueRefuses() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 16))
        let engine = try engine(blocks: 8, sequences: 1, waiting: 3, model: model)
        var streams = [try engine.submit(.test(prompt(2, seed: 1), 20))]
        await model.reachesGate()
        for _ in 0..<3 { streams.append(try engine.submit(.test(prompt(2, seed: 1), 20))) }
        #expect(throws: EngineError.queueFull(limit: 3, retrySeconds: 1)) { try engine.submit(.test([1], 1)) }
        #expect(engine.statistics.refused == 1)
        #expect(engine.statistics.running == 1)
        #expect(engine.statistics.waiting == 3)
        model.allow(1000)
        for stream in streams { #expect(await Answer(stream).generated == 20) }
        #expect(try await engine.answer(.test([1], 3)).generated == 3)
    }

    @Test func promptsDoNotStopOthersForLong() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 48))
        var options = EngineOptions()
        options.promptRowsBesideDecode = 10
        let engine = try Engine(
            model: model, tokenizer: TinyModel.shared.tokenizer, blocks: 16, endTokens: [], options: options)
        let first = try engine.submit(.test(prompt(2, seed: 1), 100))
        model.allow(1)
        await model.reachesGate()
        let second = try engine.submit(.test(prompt(95, seed: 2), 1))
        // A step that had begun, nine of ten rows and one of five.
        model.allow(11)
        await model.reachesGate()
        #expect(engine.statistics.promptTokens == 97)
        #expect(engine.statistics.generatedTokens == 13)
        model.allow(1000)
        #expect(await Answer(first).generated == 100)
        #expect(await Answer(second).generated == 1)
    }

    @Test func stoppingCancelsEverything() async throws {
        let model = GatedModel(try TinyModel.model(maximumRows: 16))
        let engine = try engine(blocks: 8, sequences: 1, model: model)
        let streams = try (0..<4).map { _ in try engine.submit(.test(prompt(2, seed: 1), 250)) }
        model.allow(2)
        await model.reachesGate()
        engine.stop()
        model.allow(1000)
        for stream in streams { #expect(await Answer(stream).reason == .cancelled) }
        await engine.drain()
        #expect(engine.statistics.usedBlocks == 0)
        #expect(engine.statistics.generatedTokens == 3)
        #expect(throws: EngineError.draining) { try engine.submit(.test([1], 1)) }
    }

    /// `for await event in try Engine(…).submit(…)` must not lose its engine halfway.
    @Test func aStreamKeepsItsEngine() async throws {
        let stream = try engine(blocks: 8).submit(.test(prompt(3, seed: 1), 100))
        let answer = await Answer(stream)
        #expect(answer.generated == 100)
        #expect(answer.reason == .length)
    }

    @Test func aForgottenEngineIsFreed() async throws {
        weak var model: (any LanguageModel)?
        do {
            let engine = try engine(blocks: 8)
            model = engine.model
            #expect(try await engine.answer(.test(prompt(3, seed: 1), 3)).generated == 3)
        }
        // Its thread ends on its own; nothing to wait on but that.
        for _ in 0..<100_000 where model != nil { await Task.yield() }
        #expect(model == nil)
    }

    @Test func manyAtOnceInAnyOrder() async throws {
        let engine = try engine(blocks: 12, sequences: 5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<60 {
                group.addTask {
                    let request = GenerationRequest.test(prompt(1 + index, seed: UInt64(index)), 1 + 7 * index % 60)
                    let stream = try engine.submit(request)
                    if index % 3 == 0 {
                        for await _ in stream { break }
                    } else {
                        #expect(await Answer(stream).generated == request.maximumTokens)
                    }
                }
            }
            try await group.waitForAll()
        }
        await engine.drain()
        #expect(engine.statistics.usedBlocks == 0)
    }
}
