import Foundation
import HadalCompute
import HadalEngine
import HadalModels
import TestSupport
import Testing

/// A smaller model that guesses ahead changes the number of steps and nothing else.
@Suite struct DraftModelTests {
    /// Says now and then what the base would not.
    private final class Mistaken: LanguageModel, @unchecked Sendable {
        let base: any LanguageModel
        private let period: Int32
        private(set) var rows = 0

        init(_ base: any LanguageModel, every period: Int32) {
            self.base = base
            self.period = period
        }

        var description: ModelDescription { base.description }
        var device: any ComputeDevice { base.device }
        var maximumRows: Int { base.maximumRows }
        func cacheShape(blocks: Int, format: KVCacheShape.Format) -> KVCacheShape {
            base.cacheShape(blocks: blocks, format: format)
        }

        func forward(_ step: Step, cache: any KVCache, outputRows: [Int32]) -> Buffer {
            rows += step.rows
            let logits = base.forward(step, cache: cache, outputRows: outputRows)
            var values = device.read(logits, rows: logits.rows)
            for (index, row) in outputRows.enumerated() where step.positions[Int(row)] % period == 0 {
                values[index * logits.width + 7] = 1e9
            }
            device.write(values, into: logits)
            return logits
        }
    }

    private func engine(
        draft: (any LanguageModel)?, blocks: Int = 60, _ change: (inout EngineOptions) -> Void = { _ in }
    ) throws -> Engine {
        var options = EngineOptions()
        options.speculation.usesLookup = false
        if draft == nil { options.speculation = .off }
        change(&options)
        return try Engine(
            model: TinyModel.model(maximumRows: 64), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
            endTokens: [], draftModel: draft, options: options)
    }

    @Test func anEqualModelsGuessesAreAllRight() async throws {
        let wanted = GenerationRequest.test(prompt(100, seed: 3), 120) { $0.topLogProbabilities = 2 }
        let expected = try await engine(draft: nil).answer(wanted)
        let engine = try engine(draft: TinyModel.model(maximumRows: 32))
        #expect(try await engine.answer(wanted) == expected)
        await engine.drain()
        let count = engine.statistics.speculation.draftModel
        #expect(count.drafted > 0 && count.accepted == count.drafted, "\(count)")
        #expect(engine.statistics.speculation.total == count)
        #expect(engine.statistics.usedBlocks == 0)
    }

    /// In a cache that is too small for all of them, so that some make room and come back; some begin alike.
    @Test(arguments: [2, 5]) func manyTextsAreWhatTheyAreWithoutGuesses(errsEvery period: Int32) async throws {
        let plain = try engine(draft: nil) { $0.reusesPrefixes = false }
        let draft = try Mistaken(TinyModel.model(maximumRows: 40), every: period)
        let engine = try engine(draft: draft, blocks: 10) { $0.sequencesMax = 6 }
        let requests = (0..<24).map { index in
            GenerationRequest.test(prompt(10 + 9 * index % 90, seed: UInt64(index % 4)), 20 + 3 * index) {
                $0.sampling.temperature = index % 2 == 0 ? 0 : 1
                $0.sampling.seed = UInt64(index)
                $0.topLogProbabilities = 2
            }
        }
        let answers = try await engine.answers(requests)
        for (index, request) in requests.enumerated() {
            let expected = try await plain.answer(request)
            #expect(answers[index]?.withoutCounts == expected.withoutCounts, "\(index)")
        }
        await engine.drain()
        let count = engine.statistics.speculation.draftModel
        #expect(count.drafted > count.accepted && count.accepted > 0, "\(count)")
        #expect(engine.statistics.preemptions > 0 && engine.statistics.usedBlocks == 0)
    }

    /// Where nothing is to be guessed, nothing is read.
    @Test func withoutGuessesTheDraftModelRests() async throws {
        let draft = try Mistaken(TinyModel.model(maximumRows: 64), every: 3)
        let engine = try engine(draft: draft) { $0.speculation = .off }
        _ = try await engine.answer(.test(prompt(100, seed: 4), 50))
        #expect(draft.rows == 0)
    }

    @Test func anotherVocabularyIsRefused() throws {
        let path = try TinyModel.write(special: ["<|bos|>", "<|im_end|>", "<|user|>", "<think>", "</think>"])
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LoadOptions()
        options.draftModel = path
        #expect {
            try TinyModel.host(options)
        } throws: { error in
            "\(error)".contains("<|im_start|>") && "\(error)".contains("<|user|>") && "\(error)".contains("258")
        }
        options.draftModel = "/no/such/model"
        #expect(throws: (any Error).self) { try TinyModel.host(options) }
    }
}
