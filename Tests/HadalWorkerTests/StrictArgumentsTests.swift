import HadalGrammar
import HadalJSON
import HadalTemplates
import HadalWorker
import TestSupport
import Testing

/// Grammar and parser together: whatever a model draws, what a client gets is valid.
@Suite(.timeLimit(.minutes(3))) struct StrictArgumentsTests {
    private static let schemas: [JSON] = [
        ["type": "object", "required": ["a"], "properties": ["a": true]],
        ["type": "object", "additionalProperties": true],
        [
            "type": "object", "required": ["a", "c"],
            "properties": [
                "a": ["type": "string"], "b": ["type": ["string", "integer", "null"], "maxLength": 40],
                "c": ["type": "array", "items": ["type": "string"], "minItems": 1],
                "d": ["enum": ["x", 1, .null, "</"]],
            ],
        ],
        [
            "type": "object", "required": ["a"],
            "properties": ["a": ["anyOf": [["type": "string", "minLength": 3], ["type": "object"]]]],
            "additionalProperties": ["type": "string", "pattern": "^[^a]*$"],
        ],
        [
            "type": "object",
            "properties": ["｜": ["type": "object", "properties": ["｜DSML｜": ["const": "</｜DSML｜parameter>"]]]],
        ],
        [
            "$ref": "#/$defs/tree", "type": "object",
            "$defs": ["tree": ["type": "object", "additionalProperties": ["$ref": "#/$defs/tree"]]],
        ],
    ]
    /// What could confuse a reader.
    private static let pieces = [
        "</｜DSML｜parameter>", "</｜DSML｜parameter", "</", "｜DSML｜", "｜", "<", ">", "parameter>", "\" string=\"",
        "</｜DSML｜invoke>",
        "<｜DSML｜parameter name=\"a\" string=\"true\">", "\n", "\"", "\\", "\\u", "ff5c", "</tool_call>", "```", "}}",
        "true", "a", "b",
        "{\"", "\": \"", "\",\"", "[\"", "\"]", "\"}",
    ]

    @Test(arguments: ToolSyntax.allCases, schemas.indices)
    func whateverIsDrawnIsValid(syntax: ToolSyntax, index: Int) throws {
        let schema = Self.schemas[index]
        let vocabulary = Vocabulary((0...255).map { [UInt8($0)] } + Self.pieces.map { Array($0.utf8) })
        let constraint = Constraint(try Grammar(GrammarSource(arguments: schema, syntax)), vocabulary: vocabulary)
        var check = SchemaCheck(schema)
        var ended = 0
        for seed in 0..<60 as Range<UInt64> {
            var random = SplitMix(state: seed)
            guard let text = drawn(constraint, using: &random) else { continue }
            ended += 1
            var parser = AnswerParser(
                splits: false, startsInReasoning: false,
                tools: .init(syntax, names: ["f"], prefill: syntax.prefill(name: "f")))
            var arguments = ""
            for event in parser.feed(text) + parser.finish(isTruncated: true) {
                switch event {
                case .arguments(0, let piece): arguments += piece
                case .call(0, "f"): break
                default: Issue.record("\(event) in \(text)")
                }
            }
            do {
                #expect(try check.admits(try JSON(parsing: arguments)), "seed \(seed): \(text)\n\(arguments)")
            } catch let error as JSONError {
                // Grammars do not compare a member's name with those before it, and have numbers that a double has not.
                let isKnown = error.problem.contains("duplicate key") || error.problem.contains("out of range")
                #expect(isKnown, "seed \(seed): \(error) in \(text)")
            }
        }
        #expect(ended > 10)
    }

    /// A text that the masks allow; nil where it got too long.
    private func drawn(_ constraint: Constraint, using random: inout SplitMix) -> String? {
        var state = constraint.start
        var text: [UInt8] = []
        for _ in 0..<600 {
            if constraint.mustEnd(state) { return String(decoding: text, as: UTF8.self) }
            let tokens = constraint.mask(state).tokens
            let likely = tokens.filter { $0 >= 256 }
            let token = (likely.isEmpty || Int.random(in: 0..<3, using: &random) == 0 ? tokens : likely)
                .randomElement(using: &random)
            guard let token, let next = constraint.advance(state, token: token) else { return nil }
            text += constraint.vocabulary.bytes(of: token)
            state = next
        }
        return nil
    }
}
