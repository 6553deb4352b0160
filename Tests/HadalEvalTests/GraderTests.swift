import HadalClient
import HadalJSON
import HadalWire
import Testing

@testable import HadalEval

@Suite(.timeLimit(.minutes(15)))
struct GraderTests {
    private static func answer(_ content: String, _ calls: [(String, String)] = []) throws -> ChatAnswer {
        let calls = calls.map { name, arguments -> JSON in
            ["id": "1", "type": "function", "function": ["name": .string(name), "arguments": .string(arguments)]]
        }
        return try ChatAnswer([
            "choices": [
                ["message": ["content": .string(content), "tool_calls": .array(calls)], "finish_reason": "stop"]
            ]
        ])
    }

    static let person: JSON = [
        "type": "object", "properties": ["name": ["type": "string"], "age": ["type": "integer"]],
        "required": ["name", "age"],
        "additionalProperties": false,
    ]

    static let cases: [(Grader, String, Bool)] = [
        (.exact("Yes"), " yes. ", true), (.exact("Yes"), "yes, it is", false),
        (.contains(["Okonkwo", "b214"]), "Ms Okonkwo in B214", true), (.contains(["a", "b"]), "a", false),
        (.containsAny(["can't", "sorry"]), "I am Sorry", true), (.containsAny(["x"]), "y", false),
        (.lacks(["4471"]), "no", true), (.lacks(["4471"]), "4471", false),
        (.regex("^- .+\\n- .+$"), "- a\n- b", true), (.regex("^a$"), "b", false),
        (.number(36_000, tolerance: 0), "48,000 − 12,000 = 36,000", true), (.number(1, tolerance: 0.1), "1.05", true),
        (.number(1, tolerance: 0.1), "1.2", false), (.number(1, tolerance: 0), "one", false),
        (.number(-3, tolerance: 0), "-3", true),
        (.schema(person), #"{"age": 3, "name": "a"}"#, true), (.schema(person), #"{"name": "a"}"#, false),
        (.schema(person), #"{"name": "a", "age": 3, "x": 1}"#, false),
        (.schema(person), "```json\n{\"name\":\"a\",\"age\":3}\n```", true),
        (.schema(person), "not JSON", false),
        (.json(["total": 214.2, "currency": "EUR"]), #"{"currency":"eur","total":214.20,"more":[1]}"#, true),
        (.json(["total": 214.2]), #"{"total":"214.2"}"#, false), (.json(["a": [1, 2]]), #"{"a":[1]}"#, false),
        (.language("zh"), "太阳是一颗恒星。", true), (.language("en"), "太阳是一颗恒星。", false), (.language("en"), "The sun.", true),
        (.language("en"), "42", false), (.language("zh"), "ISO 9001 是一个质量管理体系标准", true),
        (.length(3), "abc", true), (.length(3), "abcd", false),
    ]

    @Test(arguments: cases.indices)
    func verdicts(number: Int) throws {
        let (grader, text, isPassed) = Self.cases[number]
        let verdict = grader.verdict(on: try Self.answer(text))
        #expect((verdict == .passed) == isPassed, "\(grader) on '\(text)': \(verdict)")
    }

    @Test func tools() throws {
        let weather = Grader.tool("get_weather", arguments: ["city": "Oslo"])
        func verdict(_ calls: [(String, String)]) throws -> Grader.Verdict {
            weather.verdict(on: try Self.answer("", calls))
        }
        #expect(try verdict([("get_weather", #"{"city":"oslo","unit":"c"}"#)]) == .passed)
        #expect(try verdict([]) != .passed && verdict([("get_weather", "{}")]) != .passed)
        #expect(try verdict([("other", #"{"city":"Oslo"}"#)]) != .passed && verdict([("get_weather", "{")]) != .passed)
        #expect(Grader.noTool.verdict(on: try Self.answer("hi")) == .passed)
        #expect(Grader.noTool.verdict(on: try Self.answer("", [("a", "{}")])) != .passed)
        #expect(Grader.judge("kind?").verdict(on: try Self.answer("x")) == .open("kind?"))
    }

    @Test func labels() {
        let labels = ["complaint", "question", "praise"]
        #expect(EvalRun.label(in: "Complaint.", of: labels) == "complaint")
        #expect(EvalRun.label(in: "It could be praise or a question.\nquestion", of: labels) == "question")
        #expect(EvalRun.label(in: "praise or question", of: labels) == nil && EvalRun.label(in: "?", of: labels) == nil)
    }
}
