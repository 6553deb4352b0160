import Foundation
import HadalJSON
import Testing

@testable import HadalEval

@Suite(.timeLimit(.minutes(15)))
struct SuiteTests {
    @Test func theBuiltInSuiteHasTwentyScenarios() throws {
        let suite = try EvalSuite(named: "business")
        #expect(suite.scenarios.count == 20 && suite.itemCount > 60)
        #expect(Set(suite.scenarios.map(\.language)) == ["en", "zh"])
        // Anchors, defaults and filler came through.
        let tools = try #require(suite.scenarios.first { $0.name == "tools-none" })
        #expect(tools.items.allSatisfy { $0.tools.count == 3 && $0.graders.contains(.noTool) })
        let long = try #require(suite.scenarios.first { $0.name == "long-text-en" })
        #expect(long.items.allSatisfy { $0.turns[0].split(separator: " ").count > 1500 && !$0.turns[0].contains("{{") })
        let boxes = try #require(suite.scenarios.first { $0.name == "classification" })
        #expect(boxes.items.count == 15 && boxes.items.allSatisfy { $0.label != nil && $0.system != nil })
        #expect(try suite.only(["tools"]).scenarios.map(\.name) == ["tools-choice", "tools-none"])
        #expect(throws: EvalError.self) { try suite.only(["nothing"]) }
    }

    @Test func jsonIsYAMLToo() throws {
        let suite = try EvalSuite(
            text:
                #"{"name":"s","scenarios":[{"name":"a","category":"b","items":[{"ask":"q","grade":[{"number":{"value":3,"tolerance":0.5}},"no_tool"]}]}]}"#,
            file: "s.json")
        #expect(suite.scenarios[0].items[0].graders == [.number(3, tolerance: 0.5), .noTool])
    }

    @Test(arguments: [
        ("", "file"), ("a: [", "file"), ("name: s", "scenarios"), ("name: s\nscenarios: []", "scenarios"),
        ("name: s\nscenarios: [{category: b, items: [{ask: q, grade: [no_tool]}]}]", "scenarios[0].name"),
        ("name: s\nscenarios: [{name: a, category: b, items: [{grade: [no_tool]}]}]", "scenarios[0].items[0]"),
        ("name: s\nscenarios: [{name: a, category: b, items: [{ask: q}]}]", "scenarios[0].items[0]"),
        (
            "name: s\nscenarios: [{name: a, category: b, items: [{ask: q, grade: [{magic: 1}]}]}]",
            "scenarios[0].items[0].grade[0]"
        ),
        (
            "name: s\nscenarios: [{name: a, category: b, items: [{ask: q, grade: [{regex: '('}]}]}]",
            "scenarios[0].items[0].grade[0].regex"
        ),
        ("name: s\nscenarios: [{name: a, category: b, items: [{ask: q, label: x}]}]", "scenarios[0].items[0].label"),
        (
            "name: s\nscenarios: [{name: a, category: b, items: [{ask: q, grade: [no_tool]}]}, {name: a, category: b, items: [{ask: q, grade: [no_tool]}]}]",
            "scenarios"
        ),
    ])
    func aBadSuiteSaysWhere(text: String, field: String) throws {
        let error = #expect(throws: EvalError.self) { try EvalSuite(text: text, file: "s.yaml") }
        guard case .badSuite("s.yaml", field, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
