import Foundation
import HadalGrammar
import HadalJSON
import TestSupport
import Testing

/// The collections in `../shared/data/json-schema`. What they show about the essential is in the committed tests too.
@Suite(.enabled(if: SharedData.file("json-schema") != nil, "../shared/data/json-schema is not there"))
struct SharedDataTests {
    private static func lines(_ name: String) throws -> [JSON] {
        let file = try #require(SharedData.file("json-schema/\(name)"))
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSON(parsing: String($0), depthLimit: 256)
        }
    }

    private static let isVerbose = ProcessInfo.processInfo.environment["HADAL_VERBOSE"] != nil

    private struct Counts: CustomStringConvertible {
        var schemas = 0
        var unsupported: [String: Int] = [:]
        var unsatisfiable = 0
        var validAccepted = 0
        var validRefused: [String] = []
        var invalidRefused = 0
        var invalidAccepted: [String] = []

        var description: String {
            let keywords = unsupported.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
            return """
                \(schemas) schemas, \(unsupported.values.reduce(0, +)) refused (\(keywords.joined(separator: ", "))); \
                valid: \(validAccepted) accepted, \(validRefused.count) refused; \
                invalid: \(invalidRefused) refused, \(invalidAccepted.count) accepted
                """
        }
    }

    /// Numbers in one spelling: 1.0 is the integer 1.
    private static func canonical(_ value: JSON) -> JSON {
        switch value {
        case .double(let number): Int64(exactly: number).map(JSON.int) ?? value
        case .array(let elements): .array(elements.map(canonical))
        case .object(let object): .object(JSON.Object(object.members.map { ($0.key, canonical($0.value)) }))
        default: value
        }
    }

    private static func run(_ name: String) throws -> Counts {
        var counts = Counts()
        for line in try lines(name) {
            counts.schemas += 1
            let title = line["id"]?.string ?? line["description"]!.string!
            let grammar: Grammar?
            do throws(GrammarError) {
                grammar = try Grammar(.jsonSchema(line["schema"]!))
            } catch {
                switch error {
                case .unsupported(let keyword, _, _):
                    counts.unsupported[keyword, default: 0] += 1
                    if isVerbose { print("  refused: \(title): \(error)") }
                case .unsatisfiable: counts.unsatisfiable += 1
                default: Issue.record("\(title): \(error)")
                }
                guard case .unsatisfiable = error else { continue }
                grammar = nil
            }
            for test in line["tests"]!.array! {
                let data = canonical(test["data"]!)
                let label = "\(title): \(test["description"]!.string!): \(data.text.prefix(300))"
                let isAccepted = grammar?.matches(data.text) ?? false
                switch (test["valid"]!.bool!, isAccepted) {
                case (true, true): counts.validAccepted += 1
                case (true, false): counts.validRefused.append(label)
                case (false, false): counts.invalidRefused += 1
                case (false, true): counts.invalidAccepted.append(label)
                }
            }
        }
        if isVerbose {
            print(name, counts)
            for label in counts.validRefused { print("  valid but refused:", label) }
            for label in counts.invalidAccepted { print("  invalid but accepted:", label) }
        }
        return counts
    }

    @Test func jsonSchemaTestSuite() throws {
        for name in ["JSON-Schema-Test-Suite-draft2020-12.jsonl", "JSON-Schema-Test-Suite-draft7.jsonl"] {
            let counts = try SharedDataTests.run(name)
            #expect(counts.invalidAccepted.isEmpty, "\(counts.invalidAccepted)")
            #expect(counts.validAccepted > 100, "\(counts)")
        }
    }

    @Test func maskbench() throws {
        let counts = try SharedDataTests.run("maskbench-sample.jsonl")
        #expect(counts.invalidAccepted.isEmpty, "\(counts.invalidAccepted)")
        #expect(counts.validAccepted > 400, "\(counts)")
    }

    @Test func acceptAndReject() throws {
        var wrong: [String] = []
        for line in try SharedDataTests.lines("grammar-accept-reject.jsonl") {
            let title = line["description"]!.string!
            let grammar: Grammar
            if let text = line["grammar"]?.string {
                grammar = try Grammar(.gbnf(text))
            } else {
                var schema = try JSON(parsing: line["schema"]!.string!).object!
                // Its values differ from each other anyway.
                if schema["properties"]?["tags"]?["uniqueItems"] == true {
                    #expect(failure(.jsonSchema(.object(schema)))?.keyword == "uniqueItems")
                    var (properties, tags) = (schema["properties"]!.object!, schema["properties"]!["tags"]!.object!)
                    tags["uniqueItems"] = nil
                    properties["tags"] = .object(tags)
                    schema["properties"] = .object(properties)
                }
                grammar = try Grammar(.jsonSchema(.object(schema)))
            }
            for text in line["accept"]!.array!.map({ $0.string! }) where !grammar.matches(text) {
                wrong.append("\(title): \(text)")
            }
            for text in line["reject"]!.array!.map({ $0.string! }) where grammar.matches(text) {
                wrong.append("not \(title): \(text)")
            }
        }
        // llama.cpp takes a schema with `items` for one of arrays; JSON Schema says nothing of other values then.
        #expect(wrong == ["not min+max items: 1"])
    }

    @Test func grammars() throws {
        let examples: [(String, accepted: [String], refused: [String])] = [
            ("arithmetic", ["a=1\n", "(1+b )*2 = x\n"], ["a", "=1\n"]),
            ("c", ["int main(){return 1;}"], ["main()"]),
            ("chess", ["1. e4 e5\n2. Nf3 Nc6\n"], ["1. e4\n"]),
            ("english", ["Hello, world."], ["日本"]),
            ("japanese", ["ひらがな カタカナ"], ["abc"]),
            ("json", [#"{"a": [1, 2.5e3, "x\n"]}"#], ["[1]", "{"]),
            ("json_arr", ["[\n1,\n{\"a\":null}]"], ["{}"]),
            ("list", ["- a\n- b\n"], ["a\n", ""]),
        ]
        for (name, accepted, refused) in examples {
            let file = try #require(SharedData.file("json-schema/gbnf/\(name).gbnf"))
            let grammar = try Grammar(.gbnf(String(contentsOf: file, encoding: .utf8)))
            let matched = (accepted + refused).filter { grammar.matches($0) }
            #expect(matched == accepted, "\(name)")
        }
    }
}
