import Foundation
import HadalEngine
import HadalGrammar
import HadalJSON
import HadalModels
import TestSupport
import Testing

/// Answers held to a grammar. The model's weights are random: what comes out right does so because nothing else could.
@Suite struct ConstraintTests {
    private static let close: Int32 = 260
    private static let open: Int32 = 259

    private static let sources: [GrammarSource] = [
        .jsonSchema([
            "type": "object",
            "properties": [
                "name": ["type": "string", "maxLength": 12], "age": ["type": "integer", "minimum": 0, "maximum": 120],
                "tags": ["type": "array", "items": ["enum": ["a", "b"]], "maxItems": 3],
            ],
            "required": ["name", "age", "tags"], "additionalProperties": false,
        ]),
        .choice(["yes", "no", "perhaps é"]), .regex("[a-f]{3,9}\\.[0-9]+"), .jsonObject,
        .gbnf("root ::= \"(\" root \")\" | [a-z]{1,5}"),
    ]

    private func request(
        _ source: GrammarSource, seed: UInt64, _ start: GenerationConstraint.Start = .now, tokens: Int = 150
    ) throws -> (request: GenerationRequest, grammar: Grammar) {
        var request = GenerationRequest(prompt: prompt(20, seed: seed), maximumTokens: tokens)
        request.sampling.seed = seed
        request.constraint = GenerationConstraint(
            try TinyModel.shared.constraints.constraint(source), start: start)
        return (request, try Grammar(source))
    }

    @Test(arguments: sources.indices)
    func whatEndsByItselfIsValid(index: Int) async throws {
        var ended = 0
        for seed in 0..<12 as Range<UInt64> {
            let (request, grammar) = try request(ConstraintTests.sources[index], seed: seed)
            let answer = try await TinyModel.shared.engine.answer(request)
            #expect(answer.reason == .stop || answer.reason == .length)
            if answer.reason == .stop {
                ended += 1
                #expect(grammar.matches(answer.text), "seed \(seed): \(answer.text)")
            } else {
                #expect(answer.generated == 150)
            }
        }
        #expect(ended > 0)
    }

    @Test func aTextThatIsCutSaysSo() async throws {
        let (request, _) = try request(.choice(["abcdefgh"]), seed: 1, tokens: 5)
        let answer = try await TinyModel.shared.engine.answer(request)
        #expect(answer.text == "abcde" && answer.reason == .length)
        // Complete with the last token that was allowed.
        let (whole, _) = try self.request(.choice(["abcdefgh"]), seed: 1, tokens: 8)
        #expect(try await TinyModel.shared.engine.answer(whole).reason == .stop)
    }

    @Test func theTextEndsOnlyWhereItMay() async throws {
        var (request, _) = try request(.regex("[a-z]{3,20}"), seed: 2)
        // The model would end at once, and always.
        request.sampling.logitBias = [TinyModel.end: 1000]
        let eager = try await TinyModel.shared.engine.answer(request)
        #expect(eager.text.utf8.count == 3 && eager.reason == .stop)
        // One that never ends by its own will does so where nothing may follow.
        request.ignoresEndOfText = true
        let endless = try await TinyModel.shared.engine.answer(request)
        #expect(endless.text.utf8.count == 20 && endless.reason == .stop)
        // A token that the caller ends the text with is no part of it either.
        request.stopTokens = [Int32(UInt8(ascii: "!"))]
        request.sampling.logitBias = [Int32(UInt8(ascii: "!")): 1000]
        #expect(try await TinyModel.shared.engine.answer(request).text.utf8.count == 3)
    }

    @Test func reasoningIsFreeAndThenTheConstraintBegins() async throws {
        for start: GenerationConstraint.Start in [.afterReasoning, .afterOptionalReasoning] {
            for seed in 0..<8 as Range<UInt64> {
                var (request, grammar) = try request(.choice(["yes", "no"]), seed: seed, start, tokens: 200)
                request.sampling.logitBias = [ConstraintTests.close: 5, ConstraintTests.open: 1000]
                if start == .afterReasoning { request.sampling.logitBias[ConstraintTests.open] = nil }
                // In reasoning a text does not end.
                request.sampling.logitBias[TinyModel.end] = 4
                let answer = try await TinyModel.shared.engine.answer(request)
                guard answer.reason == .stop else { continue }
                let parts = answer.text.components(after: "</think>")
                let content = try #require(parts, "\(answer.text)")
                #expect(grammar.matches(content.filter { $0 != "\n" }), "\(answer.text)")
                #expect(content.prefix { $0 == "\n" }.count <= 2)
                #expect((answer.tokens.first == ConstraintTests.open) == (start == .afterOptionalReasoning))
            }
        }
        // A model that does not want to reason answers at once.
        var (request, grammar) = try request(.choice(["yes", "no"]), seed: 3, .afterOptionalReasoning)
        request.sampling.logitBias = [ConstraintTests.open: -1000]
        #expect(grammar.matches(try await TinyModel.shared.engine.answer(request).text))
    }

    @Test func onlyWhatFollowsAnOpeningIsHeldToTheGrammar() async throws {
        let part = GenerationConstraint.Part(
            opening: "ab", constraint: try TinyModel.shared.constraints.constraint(.regex("[0-9]{3}")))
        var request = GenerationRequest(prompt: prompt(20, seed: 1), maximumTokens: 120)
        // A model that writes little but openings.
        request.sampling.logitBias = [Int32(UInt8(ascii: "a")): 8, Int32(UInt8(ascii: "b")): 8, TinyModel.end: -100]
        var found = 0
        for (seed, begun) in [(1, ""), (2, ""), (3, "xab"), (4, "xa")] as [(UInt64, String)] {
            request.constraint = .parts([part], begun: begun)
            request.sampling.seed = seed
            let pieces = (begun + (try await TinyModel.shared.engine.answer(request).text)).split(
                separator: "ab", omittingEmptySubsequences: false)
            for piece in pieces.dropFirst().dropLast() {
                found += 1
                #expect(
                    piece.utf8.count >= 3 && piece.utf8.prefix(3).allSatisfy { (0x30...0x39).contains($0) }, "\(piece)")
            }
        }
        #expect(found > 8)
    }

    @Test func thePromptTellsWhereTheConstraintBegins() throws {
        let host = TinyModel.shared
        let messages: [JSON] = [["role": "user", "content": "Hi"]]
        let plain = try host.chatPrompt(messages: messages)
        let thinking = try host.chatPrompt(messages: messages, variables: JSON.Object([("thinking", true)]))
        #expect(host.constraintStart(thinking) == .afterReasoning)
        #expect(host.constraintStart(plain) == .afterOptionalReasoning)
        #expect(host.constraintStart(plain, thinks: false) == .now)
        var closed = plain
        closed.text += "<think>\n\n</think>\n\n"
        #expect(host.constraintStart(closed) == .now)
    }

    /// What a row draws must not depend on whether it is taken: drafts are drawn and thrown away.
    @Test func onlyATokenThatIsTakenCounts() throws {
        let (request, _) = try request(.choice(["ab", "ac"]), seed: 4)
        let (_, stream) = AsyncStream<GenerationEvent>.makeStream()
        let sequence = Sequence(request, stream: stream, tokenizer: TinyModel.shared.tokenizer)
        func draw() -> Int32 {
            var logits = [Float](repeating: 0, count: TinyModel.vocabulary)
            return logits.withUnsafeMutableBufferPointer { sequence.draw($0).id }
        }
        let a = Int32(UInt8(ascii: "a"))
        #expect(sequence.forcedDraft(limit: 8) == [], "one byte might be part of a longer token")
        for _ in 0..<3 { #expect(draw() == a) }
        #expect(sequence.take(.init(id: a), endTokens: []) == nil)
        let second = draw()
        #expect([Int32(UInt8(ascii: "b")), Int32(UInt8(ascii: "c"))].contains(second))
        #expect(sequence.take(.init(id: second), endTokens: []) == .stop)
    }

    @Test func whatIsForcedCanBeDrafted() throws {
        let (request, _) = try request(.sequence([.text("{\"name\": "), .choice(["1", "2"])]), seed: 5)
        let (_, stream) = AsyncStream<GenerationEvent>.makeStream()
        let sequence = Sequence(request, stream: stream, tokenizer: TinyModel.shared.tokenizer)
        #expect(sequence.forcedDraft(limit: 100) == "{\"name\":".utf8.map { Int32($0) })
        #expect(sequence.forcedDraft(limit: 3) == "{\"n".utf8.map { Int32($0) })
    }

    @Test func logProbabilitiesAreTheModelsOwn() async throws {
        var (held, _) = try request(.choice(["zzz"]), seed: 6)
        held.topLogProbabilities = 5
        held.maximumTokens = 1
        var free = held
        free.constraint = nil
        let answer = try await TinyModel.shared.engine.answer(held)
        #expect(answer.text == "z")
        #expect(answer.alternatives == (try await TinyModel.shared.engine.answer(free)).alternatives)
    }

    /// Preemption computes a sequence again; its constraint is where it was.
    @Test func makingRoomChangesNoAnswer() async throws {
        func engine(blocks: Int) throws -> Engine {
            try Engine(
                model: try TinyModel.model(maximumRows: 64), tokenizer: TinyModel.shared.tokenizer, blocks: blocks,
                endTokens: [TinyModel.end])
        }
        let (roomy, tight) = (try engine(blocks: 200), try engine(blocks: 9))
        let requests = try (0..<10 as Range<UInt64>).map {
            try request(.regex("[a-f]{60,90}([0-9]{10,20}|!)"), seed: $0, tokens: 120).request
        }
        let answers = try await withThrowingTaskGroup(of: (Int, Answer).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await tight.answer(request)) }
            }
            return try await group.reduce(into: [Int: Answer]()) { $0[$1.0] = $1.1 }
        }
        #expect(tight.statistics.preemptions > 0)
        for (index, request) in requests.enumerated() {
            let alone = try await roomy.answer(request)
            #expect(answers[index]?.withoutCounts == alone.withoutCounts, "\(index)")
        }
    }

    /// A control token that is left out of the text must not count as a part of it.
    @Test func controlTokensAreTextOnlyWhereTheyAreShown() throws {
        let path = try TinyModel.write(special: ["<|bos|>", "<|im_end|>", "<|im_start|>", "｜DSML｜", "</think>"])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let compiler = ConstraintCompiler(try ModelHost.load(path).tokenizer)
        for source in [.jsonSchema(["type": "string"]), .regex("(?s)\".*"), .choice(["\"｜DSML｜"])] as [GrammarSource] {
            for shown in [[], [ConstraintTests.open]] as [Set<Int32>] {
                let constraint = try compiler.constraint(source, showing: shown)
                let inside = try #require(constraint.advance(constraint.start, "\"".utf8))
                #expect(constraint.mask(inside).contains(ConstraintTests.open) == !shown.isEmpty)
            }
        }
    }

    @Test func whatWasMadeOnceIsKept() throws {
        let compiler = ConstraintCompiler(TinyModel.shared.tokenizer)
        let first = try compiler.constraint(.regex("a+"))
        #expect(try compiler.constraint(.regex("a+")) === first)
        for index in 0..<40 { _ = try compiler.constraint(.regex("b{\(index + 1)}")) }
        #expect(try compiler.constraint(.regex("a+")) !== first, "the least recently used went")
        #expect(throws: GrammarError.self) { try compiler.constraint(.regex("(")) }
    }
}

extension String {
    /// What follows the first occurrence of a text.
    fileprivate func components(after text: String) -> String? {
        firstRange(of: text).map { String(self[$0.upperBound...]) }
    }
}
