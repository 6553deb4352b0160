import HadalGrammar
import HadalJSON
import TestSupport
import Testing

/// Each must give an error or a grammar: at once, in little memory. The suite's time limit is what fails otherwise.
@Suite(.timeLimit(.minutes(3))) struct HostileGrammarTests {
    @Test func expressionsThatExplodeAreRefused() {
        let cases: [String] = [
            "(a|b)*a(a|b){40}", "((a{100}){100}){100}", "(x{0,1000}){0,1000}", "a{99999}", "[a-z]{50000}b",
            String(repeating: "(", count: 5000),
            String(repeating: "(a", count: 5000) + String(repeating: ")*", count: 5000),
            String(repeating: "a|", count: 200_000), "(a*)*b", "(((a?)*)?)*", "a{100001}",
        ]
        for pattern in cases { _ = failure(.regex(pattern)) }
        #expect(failure(.regex(cases[0])) == .limitExceeded(what: "states of a regular expression", limit: 10_000))
        #expect(failure(.regex("(a*)*b")) == nil)
    }

    @Test func grammarsThatExplodeAreRefused() {
        let steps = (0..<2000).map { "r\($0) ::= r\($0 + 1) r\($0 + 1)" }
        let chain = steps.joined(separator: "\n") + "\nr2000 ::= \"a\"?\nroot ::= r0"
        let options = (0..<2000).reversed().map { "r\($0) ::= r\($0 + 1)?" }
        let backwards = "root ::= r0\n" + options.joined(separator: "\n") + "\nr2000 ::= \"a\"?"
        let cases: [String] = [
            chain, backwards, "root ::= ((((\"a\"{100000}){100000}){100000}){100000})",
            "root ::= (((\"a\"?){8}){8}){8}" + String(repeating: "{8}", count: 20),
            String(repeating: "(", count: 100_000), "root ::= " + String(repeating: "(", count: 100_000),
            "root ::= \"" + String(repeating: "a", count: 300_000) + "\"",
            (0..<5000).map { "r\($0) ::= \"a\"" }.joined(separator: "\n"),
        ]
        for text in cases { _ = failure(.gbnf(text)) }
    }

    /// Reading them must be bounded as well: there are more ways than can be kept.
    @Test func grammarsOfManyReadingsAreReadInBoundedTime() throws {
        let cases = [
            "root ::= s\ns ::= \"a\" s s | \"a\" s | \"a\"",
            "root ::= (\"a\" | \"aa\" | \"aaa\" | [a-b])*  (\"a\" root \"b\" | \"a\" root \"c\" | \"a\")",
            "root ::= x{0,1000} \"b\"\nx ::= \"a\" | \"a\" x",
            "root ::= \"(\" root \")\" | \"(\" root | \"(\" \"x\"",
        ]
        for text in cases {
            let constraint = Constraint(
                try Grammar(.gbnf(text)), vocabulary: .sample(["aa", "aaaa", "aaaaaaaaaaaa", "(((("], seed: 3))
            var random = SplitMix(state: 9)
            var state = constraint.start
            for _ in 0..<300 {
                let mask = constraint.mask(state)
                if mask.isEmpty {
                    #expect(constraint.mayEnd(state), "\(text)")
                    break
                }
                state = try #require(constraint.advance(state, token: mask.tokens.randomElement(using: &random)!))
            }
            #expect(constraint.memory < 64 << 20)
        }
    }

    @Test func nestingIsBoundedButAlwaysEnds() throws {
        let constraint = Constraint(try Grammar(.jsonSchema(true)), vocabulary: .sample())
        var state = constraint.start
        var depth = 0
        while let next = constraint.advance(state, "[".utf8) {
            state = next
            depth += 1
            #expect(depth < 1000)
        }
        #expect(depth > 100)
        // What is open can be closed.
        for _ in 0..<depth { state = try #require(constraint.advance(state, "]".utf8)) }
        #expect(constraint.mustEnd(state))
    }

    @Test func schemasThatExplodeAreRefused() throws {
        func nested(_ depth: Int, _ schema: String, _ inner: String) -> String {
            (0..<depth).reduce(inner) { text, _ in schema.replacing("?", with: text) }
        }
        let two = #"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]}"#
        func members(_ count: Int, _ member: (Int) -> String) -> String {
            (0..<count).map(member).joined(separator: ",")
        }
        let manyPatterns = members(40) { "\"^a{\($0)}\": {\"minimum\": \($0)}" }
        let manyNames = members(5000) { "\"p\($0)\": {}" }
        let manyIntegers = members(3000) { "\"p\($0)\": {\"type\": \"integer\"}" }
        let manyValues = members(20000) { "\"value number \($0)\"" }
        let cases: [String] = [
            "{\"allOf\": [\(members(40) { _ in two })]}", nested(60, #"{"not": ?}"#, two),
            nested(60, #"{"anyOf": [?]}"#, two),
            #"{"minLength": 999999999, "pattern": "a"}"#, #"{"type": "string", "maxLength": 2000000000}"#,
            #"{"type": "array", "minItems": 1000000, "items": {"type": "array", "minItems": 1000000}}"#,
            #"{"type": "object", "minProperties": 100000000, "properties": {"a": {}}}"#,
            #"{"type": "object", "maxProperties": 100000000}"#,
            #"{"type": "number", "multipleOf": 1e-17}"#, #"{"multipleOf": 999983, "type": "integer"}"#,
            #"{"maximum": 1e308, "minimum": -1e308}"#,
            ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}"##,
            ##"{"$defs": {"a": {"allOf": [{"$ref": "#/$defs/a"}]}}, "properties": {"x": {"$ref": "#/$defs/a"}}}"##,
            ##"{"not": {"$ref": "#"}}"##,
            ##"{"properties": {"a": {"$ref": "#"}}, "required": ["a"], "type": "object"}"##,
            ##"{"oneOf": [{"$ref": "#"}, {"type": "null"}]}"##,
            "{\"patternProperties\": {\(manyPatterns)}}",
            #"{"patternProperties": {"(a|b)*a(a|b){15}": {}, "(a|b)*b(a|b){15}": {"type": "null"}}}"#,
            "{\"properties\": {\(manyNames)}, \"minProperties\": 3000}",
            "{\"type\": \"object\", \"properties\": {\(manyIntegers)}}", "{\"enum\": [\(manyValues)]}",
        ]
        for text in cases {
            _ = try schemaFailure(text)
            let schema = try JSON(parsing: text)
            for whole in [schema, ["type": "object", "properties": ["a": schema], "required": ["a"]]] {
                _ = failure(.elements(whole, SchemaOptions(closesObjects: true), .sample))
            }
        }
        #expect(try schemaFailure(cases[0])?.keyword == "allOf")
    }

    @Test func referencesThatMakeManyCombinationsAreBounded() throws {
        // Each level combines two schemas in a new way.
        let defs = (0..<16).map { i in
            ##""d\##(i)": {"allOf": [{"properties": {"x": {"$ref": "#/$defs/d\##((i * 7 + 1) % 16)"}}}, {"properties": {"x": {"$ref": "#/$defs/d\##((i * 5 + 3) % 16)"}, "y": {"$ref": "#/$defs/d\##((i * 3 + 2) % 16)"}}}]}"##
        }.joined(separator: ",")
        _ = try schemaFailure(##"{"$defs": {\##(defs)}, "$ref": "#/$defs/d0"}"##)
    }
}
