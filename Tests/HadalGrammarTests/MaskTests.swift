import HadalGrammar
import HadalJSON
import TestSupport
import Testing

@Suite struct MaskTests {
    static let sources: [GrammarSource] = [
        .jsonObject, .regex("[a-z]*(ab|日本){2,5}\"?"), .choice(["true", "tru", "ab\"", "日本"]),
        .gbnf("root ::= \"a\" root \"b\" | \"é\" | \"\\\"\" [^\\n]{0,40}"),
        .jsonSchema(["type": "string"]), .jsonSchema(["type": "string", "maxLength": 20]),
        .jsonSchema(["type": "string", "minLength": 50, "maxLength": 1000]),
        .jsonSchema(["type": "string", "pattern": "^[ab]+$"]),
        .jsonSchema(["type": "array", "maxItems": 40, "items": ["type": "integer", "minimum": 0]]),
        .jsonSchema([
            "type": "object",
            "properties": ["a": ["type": "string"], "ab": ["enum": ["a", "b\n"]], "b": ["type": "array"]],
        ]),
        .elements(
            ["type": "object", "properties": ["a": ["maxLength": 3]], "required": ["a"], "additionalProperties": true],
            SchemaOptions(), .sample),
    ]

    /// A token is allowed exactly where its bytes keep the text alive.
    @Test(arguments: sources.indices)
    func masksAreWhatTryingEveryTokenGives(index: Int) throws {
        let grammar = try Grammar(MaskTests.sources[index])
        for seed in 0..<6 as Range<UInt64> {
            let constraint = Constraint(grammar, vocabulary: .sample(seed: seed))
            var random = SplitMix(state: seed &* 77 &+ UInt64(index))
            var state = constraint.start
            for step in 0..<60 {
                let mask = constraint.mask(state)
                let allowed = constraint.bruteForce(state)
                #expect(mask.tokens == allowed, "seed \(seed), step \(step)")
                #expect(mask.count == allowed.count && mask.isEmpty == allowed.isEmpty)
                // A text that is alive can go on or end.
                #expect(!allowed.isEmpty || constraint.mayEnd(state))
                #expect(constraint.mustEnd(state) == (allowed.isEmpty && constraint.mayEnd(state)))
                guard let token = allowed.randomElement(using: &random) else { break }
                state = try #require(constraint.advance(state, token: token))
            }
        }
    }

    @Test func forcedBytesAreTheOnlyWayOn() throws {
        let constraint = Constraint(
            try Grammar.schema(
                #"{"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"], "additionalProperties": false}"#
            ),
            vocabulary: .sample())
        let open = try #require(constraint.advance(constraint.start, "{".utf8))
        #expect(constraint.forcedBytes(constraint.start) == Array("{".utf8))
        #expect(constraint.forcedBytes(open).isEmpty)
        let key = try #require(constraint.advance(open, "\"".utf8))
        #expect(constraint.forcedBytes(key) == Array("answer\":".utf8))
        #expect(constraint.forcedBytes(key, limit: 3) == Array("ans".utf8))
        let value = try #require(constraint.advance(key, "answer\": \"y".utf8))
        #expect(constraint.forcedBytes(value) == Array("es\"".utf8))
        let end = try #require(constraint.advance(value, "es\"}".utf8))
        #expect(constraint.forcedBytes(end).isEmpty)
        #expect(constraint.mayEnd(end) && constraint.mustEnd(end))
        #expect(constraint.mask(end).isEmpty)
    }

    @Test func aStateIsAValue() throws {
        let constraint = Constraint(try Grammar(.regex("[ab]*c")), vocabulary: .sample())
        let early = try #require(constraint.advance(constraint.start, "ab".utf8))
        let late = try #require(constraint.advance(early, "c".utf8))
        #expect(constraint.advance(late, "a".utf8) == nil)
        #expect(constraint.mustEnd(late) && !constraint.mayEnd(early))
        #expect(constraint.advance(early, "a".utf8) != nil)
        #expect(constraint.advance(early, token: 256) == nil, "a token without text")
        #expect(constraint.advance(early, token: 1 << 20) == nil)
    }

    /// What was found out is given up when it takes too much memory; texts that are being read go on all the same.
    @Test func statesOutliveTheMemoryOfTheirConstraint() throws {
        let grammar = try Grammar(.gbnf("root ::= [a-z]{0,90000} \"!\" | \"(\" root \")\""))
        let constraint = Constraint(grammar, vocabulary: .sample(seed: 1))
        let early = try #require(constraint.advance(constraint.start, "((abc".utf8))
        var state = early
        for _ in 0..<400 { state = try #require(constraint.advance(state, String(repeating: "ab", count: 100).utf8)) }
        #expect(constraint.memory < 64 << 20)
        #expect(constraint.mask(early).tokens == constraint.bruteForce(early))
        #expect(constraint.advance(early, "!))".utf8).map(constraint.mustEnd) == true)
        #expect(constraint.advance(state, "!))".utf8).map(constraint.mustEnd) == true)
        #expect(constraint.advance(state, "!)))".utf8) == nil)
    }

    @Test func masksLeaveTheLogitsOfAllowedTokens() throws {
        let few = Constraint(try Grammar(.choice(["ab", "c"])), vocabulary: .sample())
        let many = Constraint(try Grammar(.regex("(?s).+")), vocabulary: .sample(["x", "yz"]))
        for constraint in [few, many] {
            let mask = constraint.mask(constraint.start)
            // Wider than the vocabulary, as padded outputs are.
            var logits = (0..<constraint.vocabulary.count + 70).map { Float($0) }
            logits.withUnsafeMutableBufferPointer { mask.apply(to: $0, allowing: [256, 9999, -1]) }
            for (token, logit) in logits.enumerated() {
                let isAllowed = mask.contains(Int32(token)) || token == 256
                #expect(logit == (isAllowed ? Float(token) : -.infinity), "\(token)")
            }
        }
    }
}
