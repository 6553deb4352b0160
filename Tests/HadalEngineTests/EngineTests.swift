import Foundation
import HadalCompute
import HadalEngine
import HadalModels
import HadalTokenization
import TestSupport
import Testing

/// What the engine promises for one request among others.
@Suite struct EngineTests {
    private let host = TinyModel.shared
    private let model = try! TinyModel.model(maximumRows: 48)
    private var engine: Engine { host.engine }

    /// The largest logit after each prefix, computed alone and at once.
    private func greedy(_ prompt: [Int32], _ count: Int) throws -> [Int32] {
        var tokens = prompt
        for _ in 0..<count {
            let logits = try Evaluation.logits(model, tokens: tokens, all: false)[0]
            tokens.append(Int32(logits.firstIndex(of: logits.max()!)!))
        }
        return Array(tokens[prompt.count...])
    }

    @Test(arguments: [1, 31, 32, 33, 47, 48, 49, 100]) func greedyTokensAreTheLargestLogits(length: Int) async throws {
        let engine = try Engine(
            model: TinyModel.model(maximumRows: 48), tokenizer: host.tokenizer, blocks: 8, cacheFormat: .f32,
            endTokens: [])
        let answer = try await engine.answer(.test(prompt(length, seed: 1), 12))
        #expect(try answer.tokens == greedy(prompt(length, seed: 1), 12))
        #expect(answer.reason == .length)
        #expect(answer.generated == 12)
    }

    @Test func aRequestAmongOthersGivesTheSameBits() async throws {
        let request = GenerationRequest.test(prompt(70, seed: 2), 40) {
            $0.sampling.temperature = 1
            $0.sampling.topP = 0.95
            $0.sampling.seed = 1234
            $0.topLogProbabilities = 5
        }
        let alone = try await engine.answer(request)
        #expect(alone.logProbabilities.count == 40)
        let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for index in 0..<32 {
                let other = GenerationRequest.test(prompt(3 + 5 * index, seed: UInt64(index)), 20 + index) {
                    $0.sampling.temperature = 0.8
                    $0.sampling.seed = UInt64(index)
                }
                let own = index == 17 ? request : other
                group.addTask { (index, try await engine.answer(own)) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 32)
        #expect(answers[17]?.tokens == alone.tokens)
        #expect(answers[17]?.text == alone.text)
        #expect(answers[17]?.logProbabilities.map(\.bitPattern) == alone.logProbabilities.map(\.bitPattern))
        #expect(answers[17]?.alternatives == alone.alternatives)
    }

    @Test func aSeedGivesTheSameAnswer() async throws {
        func answer(_ seed: UInt64) async throws -> [Int32] {
            try await engine.answer(
                .test(prompt(5, seed: 3), 30) {
                    $0.sampling.temperature = 1.5
                    $0.sampling.seed = seed
                }
            )
            .tokens
        }
        let first = try await answer(1)
        #expect(try await answer(1) == first)
        #expect(try await answer(2) != first)
    }

    @Test func anAnswerContinuedElsewhereIsTheSame() async throws {
        func request(_ prompt: [Int32], _ count: Int) -> GenerationRequest {
            .test(prompt, count) {
                $0.sampling.temperature = 1
                $0.sampling.seed = 5
                $0.sampling.topK = 50
            }
        }
        let whole = try await engine.answer(request(prompt(10, seed: 4), 40)).tokens
        let first = try await engine.answer(request(prompt(10, seed: 4), 15)).tokens
        let rest = try await engine.answer(request(prompt(10, seed: 4) + first, 25)).tokens
        #expect(first + rest == whole)
    }

    @Test func deltasTogetherAreTheText() async throws {
        for seed in 0..<5 as Range<UInt64> {
            let request = GenerationRequest.test(prompt(4, seed: seed), 60) {
                $0.sampling.temperature = 3
                $0.sampling.seed = seed
            }
            let answer = try await engine.answer(request)
            #expect(answer.tokens.count == 60)
            #expect(answer.text == host.tokenizer.decode(answer.tokens, skipsSpecial: true), "seed \(seed)")
        }
    }

    @Test func aStopTextEndsTheAnswerBeforeIt() async throws {
        // ASCII alone, so that each token is a character.
        let request = GenerationRequest.test(prompt(8, seed: 6), 60) {
            $0.sampling.temperature = 1
            for token in 0..<Int32(TinyModel.vocabulary) where !(32..<127).contains(token) {
                $0.sampling.logitBias[token] = -1000
            }
        }
        let whole = try await engine.answer(request)
        let text = Array(whole.text)
        #expect(text.count == 60)
        var stopped = request
        stopped.stops = ["never this text", String(text[20..<25]), ""]
        let answer = try await engine.answer(stopped)
        let expected = whole.text.range(of: String(text[20..<25])).map { String(whole.text[..<$0.lowerBound]) }
        #expect(answer.text == expected)
        #expect(answer.reason == .stop)
        #expect(answer.generated <= 25)
        #expect(!answer.deltas.contains { $0.isEmpty } || answer.deltas.last == "")
    }

    @Test func endAndStopTokensEndTheAnswer() async throws {
        let whole = try await engine.answer(.test(prompt(9, seed: 7), 30) { $0.sampling.temperature = 2 })
        let place = whole.tokens.firstIndex(of: whole.tokens[12])!
        var stopping = GenerationRequest.test(prompt(9, seed: 7), 30) {
            $0.sampling.temperature = 2
            $0.stopTokens = [whole.tokens[12]]
        }
        let stopped = try await engine.answer(stopping)
        #expect(stopped.tokens == Array(whole.tokens[..<place]))
        #expect(stopped.reason == .stop)
        // The token that ended it was drawn, but is not part of the answer.
        #expect(stopped.generated == place + 1)

        let ending = try Engine(
            model: TinyModel.model(maximumRows: 48), tokenizer: host.tokenizer, blocks: 4, endTokens: [whole.tokens[12]]
        )
        stopping.stopTokens = []
        stopping.ignoresEndOfText = false
        #expect(try await ending.answer(stopping).tokens == Array(whole.tokens[..<place]))
        stopping.ignoresEndOfText = true
        #expect(try await ending.answer(stopping).tokens == whole.tokens)
    }

    @Test func theContextIsTheLimit() async throws {
        let engine = try Engine(
            model: TinyModel.model(maximumRows: 48), tokenizer: host.tokenizer, blocks: 8, contextLength: 40,
            endTokens: [])
        let answer = try await engine.answer(.test(prompt(33, seed: 8), .max))
        #expect(answer.tokens.count == 7)
        #expect(answer.reason == .length)
        #expect(throws: EngineError.promptTooLong(tokens: 40, limit: 39)) {
            try engine.submit(.test(prompt(40, seed: 8), 1))
        }
    }

    @Test func theEmptyPromptBeginsAText() async throws {
        let answer = try await engine.answer(.test([], 5))
        #expect(try await engine.answer(.test([TinyModel.beginning], 5)).tokens == answer.tokens)
    }

    static let wrong: [(String, @Sendable (inout GenerationRequest) -> Void)] = [
        ("max_tokens", { $0.maximumTokens = 0 }), ("max_tokens", { $0.maximumTokens = -1 }),
        ("temperature", { $0.sampling.temperature = .nan }), ("temperature", { $0.sampling.temperature = -0.1 }),
        ("temperature", { $0.sampling.temperature = .infinity }), ("top_p", { $0.sampling.topP = 1.01 }),
        ("top_k", { $0.sampling.topK = -1 }), ("min_p", { $0.sampling.minP = 2 }),
        ("typical_p", { $0.sampling.typicalP = -1 }), ("repetition_penalty", { $0.sampling.repetitionPenalty = 0 }),
        ("frequency_penalty", { $0.sampling.frequencyPenalty = .nan }),
        ("presence_penalty", { $0.sampling.presencePenalty = 1000 }),
        ("logit_bias", { $0.sampling.logitBias = [1: .infinity] }), ("top_logprobs", { $0.topLogProbabilities = 101 }),
        ("top_logprobs", { $0.topLogProbabilities = -1 }),
        ("stop", { $0.stops = Array(repeating: "x", count: 65) }),
        ("stop", { $0.stops = [String(repeating: "x", count: 1025)] }),
    ]

    @Test(arguments: wrong.indices) func wrongParametersAreRefusedByName(index: Int) {
        let (name, change) = EngineTests.wrong[index]
        let error = #expect(throws: EngineError.self) { try engine.submit(.test([1], 1, change)) }
        guard case .invalidParameter(name, _) = error else {
            Issue.record("\(name): \(String(describing: error))")
            return
        }
    }

    @Test func tokensOutsideTheVocabularyAreRefused() {
        let size = TinyModel.vocabulary
        for token in [-1, Int32(size), .max] {
            #expect(throws: EngineError.tokenOutOfRange(token, vocabulary: size)) {
                try engine.submit(.test([1, token], 1))
            }
            #expect(throws: EngineError.tokenOutOfRange(token, vocabulary: size)) {
                try engine.submit(.test([1], 1) { $0.sampling.logitBias = [token: 1] })
            }
        }
    }
}
