import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// What came out of an answer, however it came in.
struct ParsedAnswer: Hashable, CustomStringConvertible {
    var reasoning = ""
    var content = ""
    /// Names and arguments; those of broken calls are taken back into the content.
    var calls: [[String]] = []
    /// What a client of the stream is left with.
    var streamedContent = ""
    var streamedCalls: [[String]] = []
    var problems: [String] = []

    /// Feeds `text` in pieces of so many scalars, or cut at given places.
    init(
        _ text: String, _ syntax: ToolSyntax, tools: Set<String> = ["f", "get_time", "get_weather"],
        splits: Bool = false, startsInReasoning: Bool = false, prefill: String = "", isSingle: Bool = false,
        isTruncated: Bool = false, pieces: Int = .max, cuts: [Int] = []
    ) {
        var parser = AnswerParser(
            splits: splits, startsInReasoning: startsInReasoning,
            tools: .init(syntax, names: tools, isSingle: isSingle, prefill: prefill))
        var rest = text.unicodeScalars[...]
        var lengths = zip(cuts, [0] + cuts).map { $0 - $1 }
        while !rest.isEmpty {
            let length = lengths.isEmpty ? pieces : lengths.removeFirst()
            take(parser.feed(String(String.UnicodeScalarView(rest.prefix(length)))))
            rest = rest.dropFirst(length)
        }
        take(parser.finish(isTruncated: isTruncated))
    }

    private mutating func take(_ events: [AnswerParser.Event]) {
        for event in events {
            switch event {
            case .reasoning(let text): reasoning += text
            case .content(let text):
                content += text
                streamedContent += text
            case .call(let index, let name):
                #expect(index == streamedCalls.count)
                calls.append([name, ""])
                streamedCalls.append([name, ""])
            case .arguments(let index, let text):
                calls[calls.count - 1][1] += text
                streamedCalls[index][1] += text
            case .broken(let index, let rest, let whole, let problem):
                if index != nil { calls.removeLast() }
                content += whole ?? rest
                streamedContent += rest
                problems.append(problem)
            }
        }
    }

    var description: String { "reasoning \(reasoning), content \(content), calls \(calls), \(problems)" }
}

@Suite struct ToolCallParserTests {
    private static let marks = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>"
    private static let ends = "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
    private static let block = "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n"
    private static let blockEnd = "</｜DSML｜invoke>\n</｜DSML｜function_calls>"

    struct Example: CustomTestStringConvertible, Sendable {
        var syntax: ToolSyntax
        var text: String
        var content = ""
        var calls: [[String]] = []
        var problems = 0

        var testDescription: String { "\(syntax): \(text.prefix(60))" }
    }

    private static let examples: [Example] = [
        // The forms as the families' templates write them.
        Example(
            syntax: .deepSeekV31, text: marks + #"get_time<｜tool▁sep｜>{"city": "Paris"}"# + ends,
            calls: [["get_time", #"{"city": "Paris"}"#]]),
        Example(
            syntax: .deepSeekV31,
            text: "Two calls.\n\n" + marks + "f<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_time<｜tool▁sep｜>"
                + #"{"a": [1, -2.5e3, {"b": null}], "c": "<｜tool▁call▁end｜>"}"# + ends,
            content: "Two calls.",
            calls: [["f", "{}"], ["get_time", #"{"a": [1, -2.5e3, {"b": null}], "c": "<｜tool▁call▁end｜>"}"#]]),
        Example(
            syntax: .deepSeekR1, text: marks + "function<｜tool▁sep｜>f\n```json\n{\"arg1\": 1}\n```" + ends,
            calls: [["f", #"{"arg1": 1}"#]]),
        Example(
            syntax: .deepSeekR1,
            text: "I look.\n" + marks
                + "function<｜tool▁sep｜>f\n```json\n{\"a\": \"`\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>get_time\n```json\n{}\n```"
                + ends,
            content: "I look.", calls: [["f", #"{"a": "`"}"#], ["get_time", "{}"]]),
        Example(
            syntax: .kimi,
            text:
                "<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{\"x\": true}<|tool_call_end|><|tool_calls_section_end|>",
            calls: [["f", #"{"x": true}"#]]),
        Example(
            syntax: .deepSeekV32,
            text: "Let me look.\n\n" + block
                + "<｜DSML｜parameter name=\"city\" string=\"true\">New \"York\"\n</b></｜DSML｜parameter>\n<｜DSML｜parameter name=\"days\" string=\"false\">[1, 2]</｜DSML｜parameter>\n"
                + blockEnd,
            content: "Let me look.", calls: [["f", #"{"city": "New \"York\"\n</b>", "days": [1, 2]}"#]]),
        Example(
            syntax: .deepSeekV4,
            text:
                "<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"f\">\n</｜DSML｜invoke>\n<｜DSML｜invoke name=\"get_time\">\n<｜DSML｜parameter name=\"n\" string=\"false\">3.14</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
            calls: [["f", "{}"], ["get_time", #"{"n": 3.14}"#]]),
        Example(
            syntax: .hermes,
            text:
                "Sure.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"b\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"get_time\", \"arguments\": {}}\n</tool_call>",
            content: "Sure.", calls: [["f", #"{"a": "b"}"#], ["get_time", "{}"]]),
        Example(
            syntax: .llama, text: #"{"name": "f", "parameters": {"a": 1}}"#, calls: [["f", #"{"a": 1}"#]]),
        Example(
            syntax: .llama,
            text:
                "<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}}; {\"name\": \"get_time\", \"parameters\": {\"z\": \"q\"}}",
            calls: [["f", "{}"], ["get_time", #"{"z": "q"}"#]]),
        // What models do besides.
        Example(
            syntax: .hermes, text: #"<tool_call>{"arguments": {"a": {"name": "x"}}, "name": "f"}</tool_call> Done."#,
            content: "Done.", calls: [["f", #"{"a": {"name": "x"}}"#]]),
        Example(
            syntax: .hermes, text: #"<tool_call>{"name": "f", "arguments": "{\"a\": 1}"}</tool_call>"#,
            calls: [["f", #"{"a": 1}"#]]),
        Example(syntax: .hermes, text: #"<tool_call>{"name": "f"}</tool_call>"#, calls: [["f", "{}"]]),
        Example(
            syntax: .hermes, text: #"<tool_call>{"name": "f", "arguments": {"a": 1}</tool_call>"#,
            calls: [["f", #"{"a": 1}"#]]),
        Example(
            syntax: .hermes, text: "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"1\n2\"}}",
            calls: [["f", #"{"a": "1\n2"}"#]]),
        Example(
            syntax: .deepSeekR1, text: #"<tool_call>{"name": "f", "arguments": {}}</tool_call>"#, calls: [["f", "{}"]]),
        Example(
            syntax: .deepSeekV31, text: marks + "f<｜tool▁sep｜><｜tool▁call▁end｜><｜tool▁calls▁end｜>ok",
            content: "ok", calls: [["f", "{}"]]),
        Example(
            syntax: .deepSeekV31, text: "<｜tool▁call▁begin｜>f<｜tool▁sep｜>{}", calls: [["f", "{}"]]),
        Example(
            syntax: .deepSeekV31, text: marks + "function<｜tool▁sep｜>f\n```json\n{}\n```" + ends, calls: [["f", "{}"]]),
        Example(
            syntax: .deepSeekV32,
            text: block + "<｜DSML｜parameter name=\"a\" string=\"false\">not json</｜DSML｜parameter>" + blockEnd,
            calls: [["f", #"{"a": "not json"}"#]]),
        Example(
            syntax: .deepSeekV32,
            text: block
                + ["1, 2", "", "1]", " 1e999 ", "{\"x\": 1, \"x\": \"\n\"}"].enumerated().map {
                    "<｜DSML｜parameter name=\"\($0)\" string=\"false\">\($1)</｜DSML｜parameter>\n"
                }.joined() + blockEnd,
            calls: [["f", #"{"0": "1, 2", "1": "", "2": "1]", "3": 1e999, "4": {"x": 1, "x": "\n"}}"#]]),
        // No calls.
        Example(syntax: .llama, text: #"{"name": "Bob", "age": 5}"#, content: #"{"name": "Bob", "age": 5}"#),
        Example(syntax: .llama, text: "  {\"answer\": 42} \n", content: "  {\"answer\": 42} \n"),
        Example(syntax: .llama, text: "so {\"name\": \"f\"}", content: "so {\"name\": \"f\"}"),
        Example(syntax: .llama, text: "{ no json", content: "{ no json"),
        Example(syntax: .hermes, text: "a <tool_calls> <b> \n\n c \n", content: "a <tool_calls> <b> \n\n c \n"),
        Example(syntax: .deepSeekV31, text: "<｜tool▁calls", content: "<｜tool▁calls"),
        Example(syntax: .deepSeekV31, text: "", content: ""),
        // Broken calls are not lost.
        Example(
            syntax: .hermes, text: "a\n<tool_call>\nf(1)\n</tool_call>", content: "a\n<tool_call>\nf(1)\n</tool_call>",
            problems: 1),
        Example(
            syntax: .deepSeekV31, text: marks + "f<｜tool▁sep｜>{\"a\": oops}" + ends + "x",
            content: marks + "f<｜tool▁sep｜>{\"a\": oops}" + ends + "x", problems: 1),
        Example(
            syntax: .deepSeekV31, text: marks + "f<｜tool▁sep｜>{}<｜tool▁call▁end｜>what<｜tool▁calls▁end｜>",
            content: "what<｜tool▁calls▁end｜>", calls: [["f", "{}"]]),
        Example(
            syntax: .deepSeekV32, text: block + "<b>" + blockEnd, content: block + "<b>" + blockEnd, problems: 1),
        Example(
            syntax: .deepSeekV31, text: "<｜tool▁calls▁begin｜>nothing", content: "<｜tool▁calls▁begin｜>nothing",
            problems: 1),
    ]

    @Test(arguments: examples)
    func answersAreUnderstoodTheSameHoweverTheyArrive(_ example: Example) {
        let whole = ParsedAnswer(example.text, example.syntax)
        #expect(whole.content == example.content)
        #expect(whole.calls == example.calls)
        #expect(whole.problems.count == example.problems, "\(whole.problems)")
        for pieces in 1...7 { #expect(ParsedAnswer(example.text, example.syntax, pieces: pieces) == whole) }
        // Every way to cut it in three.
        let count = example.text.unicodeScalars.count
        guard count > 2 else { return }
        for first in 1..<count {
            #expect(ParsedAnswer(example.text, example.syntax, cuts: [first]) == whole)
        }
        for first in stride(from: 1, to: count - 1, by: max(1, count / 24)) {
            for second in first + 1..<count {
                let result = ParsedAnswer(example.text, example.syntax, cuts: [first, second])
                guard result != whole else { continue }
                Issue.record("cut at \(first) and \(second): \(result)")
                return
            }
        }
    }

    @Test(arguments: examples)
    func truncatedAnswersStreamWhatThereIs(_ example: Example) {
        let scalars = Array(example.text.unicodeScalars)
        for length in 0..<scalars.count {
            let text = String(String.UnicodeScalarView(scalars[..<length]))
            let whole = ParsedAnswer(text, example.syntax, isTruncated: true)
            #expect(ParsedAnswer(text, example.syntax, isTruncated: true, pieces: 1) == whole)
            for (call, expected) in zip(whole.calls, example.calls) {
                #expect(call[0] == expected[0])
                #expect(expected[1].hasPrefix(call[1]))
            }
        }
    }

    @Test func argumentsComeAsTheyAreWritten() {
        var parser = ToolCallParser(.hermes, tools: ["f"])
        #expect(parser.feed("hi <tool_call>\n{\"name\": \"f\", \"argum") == [.content("hi")])
        #expect(parser.feed("ents\": {\"city\"") == [.call(name: "f"), .arguments("{\"city\"")])
        #expect(parser.feed(": \"Par") == [.arguments(": \"Par")])
        #expect(parser.feed("is\"}") == [.arguments("is\"}")])
        #expect(parser.feed("}\n</tool") == [])
        #expect(parser.feed("_call>\n") == [])
        #expect(parser.finish(isTruncated: false) == [])

        var elements = ToolCallParser(.deepSeekV32, tools: ["f"])
        #expect(elements.feed(Self.block) == [.call(name: "f")])
        #expect(elements.feed("<｜DSML｜parameter name=\"a\" string=\"true\">on") == [.arguments("{\"a\": \"on")])
        #expect(elements.feed("e\n</") == [.arguments("e\\n")])
        #expect(elements.feed("b>") == [.arguments("</b>")])
    }

    @Test func aTruncatedCallKeepsItsArguments() {
        let cut = ParsedAnswer(Self.marks + "f<｜tool▁sep｜>{\"a\": \"lon", .deepSeekV31, isTruncated: true)
        #expect(cut.calls == [["f", "{\"a\": \"lon"]])
        #expect(cut.content.isEmpty && cut.problems.isEmpty)
        let ended = ParsedAnswer(Self.marks + "f<｜tool▁sep｜>{\"a\": \"lon", .deepSeekV31)
        #expect(ended.calls.isEmpty)
        #expect(ended.content == Self.marks + "f<｜tool▁sep｜>{\"a\": \"lon")
        #expect(ended.problems.count == 1)
    }

    @Test func callsEndTheReasoningWhereAModelForgetsTo() {
        let text = "I need it." + Self.marks + "f<｜tool▁sep｜>{}" + Self.ends
        for pieces in [1, 2, 5, .max] {
            let answer = ParsedAnswer(text, .deepSeekV31, splits: true, startsInReasoning: true, pieces: pieces)
            #expect(answer.reasoning == "I need it.")
            #expect(answer.calls == [["f", "{}"]])
        }
        let closed = ParsedAnswer(
            "Hm.</think>\n\nSo: " + Self.marks + "f<｜tool▁sep｜>{}" + Self.ends, .deepSeekV31,
            splits: true, startsInReasoning: true)
        #expect((closed.reasoning, closed.content, closed.calls) == ("Hm.", "So:", [["f", "{}"]]))
    }

    @Test(arguments: ToolSyntax.allCases)
    func whatThePromptBeganIsPartOfTheCall(_ syntax: ToolSyntax) {
        let rest =
            switch syntax {
            case .deepSeekV31: #"{"a": 1}"# + Self.ends
            case .deepSeekR1: "{\"a\": 1}\n```" + Self.ends
            case .deepSeekV32: "<｜DSML｜parameter name=\"a\" string=\"false\">1</｜DSML｜parameter>\n" + Self.blockEnd
            case .deepSeekV4:
                "<｜DSML｜parameter name=\"a\" string=\"false\">1</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>"
            case .hermes: " {\"a\": 1}}\n</tool_call>"
            case .llama: " {\"a\": 1}}"
            case .kimi: #"{"a": 1}<|tool_call_end|><|tool_calls_section_end|>"#
            }
        let named = ParsedAnswer(
            rest, syntax, splits: true, startsInReasoning: true, prefill: syntax.prefill(name: "f"))
        #expect(named.calls == [["f", #"{"a": 1}"#]])
        #expect(named.content.isEmpty && named.problems.isEmpty)
        // Where only a call is required, the name is the model's.
        let required = syntax.prefill(name: nil)
        #expect(syntax.prefill(name: "f").hasPrefix(required))
        let name = String(syntax.prefill(name: "f").dropFirst(required.count))
        #expect(ParsedAnswer(name + rest, syntax, prefill: required).calls == [["f", #"{"a": 1}"#]])
    }

    @Test func oneCallIsEnoughWhereOneWasAskedFor() {
        let two = Self.marks + "f<｜tool▁sep｜>{}<｜tool▁call▁end｜><｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{}" + Self.ends
        #expect(ParsedAnswer(two, .deepSeekV31, isSingle: true).calls == [["f", "{}"]])
    }

    @Test func heldTextIsBounded() {
        // A head without end is content soon.
        var parser = ToolCallParser(.deepSeekV31, tools: [])
        _ = parser.feed(Self.marks)
        var events: [ToolCallParser.Event] = []
        for _ in 0..<600 { events += parser.feed("word ") }
        #expect(!events.isEmpty)
        var braces = ToolCallParser(.llama, tools: ["f"])
        #expect(!braces.feed("{" + String(repeating: " ", count: ToolCallParser.headLimit + 8)).isEmpty)
        // White space is let go of.
        var spaces = ToolCallParser(.hermes, tools: [])
        #expect(!spaces.feed(String(repeating: "\n", count: 200)).isEmpty)
        // Deep nesting is refused.
        let deep = ParsedAnswer(
            Self.marks + "f<｜tool▁sep｜>{\"a\": " + String(repeating: "[", count: 200), .deepSeekV31)
        #expect(deep.calls.isEmpty && deep.problems.count == 1)
        for depth in [100, 200] {
            let list = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            let element = "<｜DSML｜parameter name=\"a\" string=\"false\">\(list)</｜DSML｜parameter>\n"
            let answer = ParsedAnswer(Self.block + element + Self.blockEnd, .deepSeekV32)
            #expect(answer.calls == (depth == 100 ? [["f", "{\"a\": \(list)}"]] : []))
        }
    }

    @Test func randomTextNeverDependsOnItsPieces() {
        var generator = SplitMix(state: 5)
        let parts = [
            "<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "f", "<｜tool▁sep｜>", "{", "}", "\"a\"", ":", "1", "[", "]",
            ",",
            "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>", "\n", " ", "<tool_call>", "</tool_call>", "\"name\": \"f\"",
            "\"arguments\": {", "<｜DSML｜function_calls>", "<｜DSML｜invoke name=\"f\">", "</｜DSML｜invoke>",
            "<｜DSML｜parameter name=\"a\" string=\"true\">", "</｜DSML｜parameter>", "</｜DSML｜function_calls>", "<think>",
            "</think>", "```json\n", "```", "深", "\\", "<|python_tag|>", "functions.f:0",
        ]
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 1...24, using: &generator)).map { _ in
                parts.randomElement(using: &generator)!
            }.joined()
            for syntax in ToolSyntax.allCases {
                let whole = ParsedAnswer(text, syntax, splits: true)
                let single = ParsedAnswer(text, syntax, splits: true, pieces: 1)
                let some = ParsedAnswer(text, syntax, splits: true, pieces: Int.random(in: 2...9, using: &generator))
                guard whole == single, whole == some else {
                    Issue.record("\(syntax): \(text)\n\(whole)\n\(single)\n\(some)")
                    return
                }
                for call in whole.calls { #expect((try? JSON(parsing: call[1]))?.object != nil, "\(syntax): \(text)") }
            }
        }
    }

    @Test func whatAFuzzerFoundHoldsEverAfter() throws {
        let corpus = SharedData.repository.appendingPathComponent("Fuzz/Corpus/answer")
        let files = try FileManager.default.contentsOfDirectory(at: corpus, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files { AnswerFuzzing.run(try Data(contentsOf: file)) }
    }

    @Test(.enabled(if: SharedData.root != nil, "needs ../shared/data"))
    func recordedOutputsParseAsTheirAuthorsExpect() throws {
        let formats: [String: ToolSyntax] = [
            "deepseek-ai-DeepSeek-V3.1.jinja": .deepSeekV31, "deepseek-ai-DeepSeek-V3.2.jinja": .deepSeekV32,
            "Kimi-K2-Thinking.jinja": .kimi, "moonshotai-Kimi-K2.jinja": .kimi,
            "deepseek-ai-DeepSeek-R1-Distill-Llama-8B.jinja": .deepSeekR1,
            "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja": .deepSeekR1, "llama-cpp-deepseek-r1.jinja": .deepSeekR1,
            "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use.jinja": .hermes, "Qwen-QwQ-32B.jinja": .hermes,
            "meta-llama-Llama-3.2-3B-Instruct.jinja": .llama,
        ]
        var checked = 0
        let file = try #require(SharedData.file("chat-templates/output-parsing.jsonl"))
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let row = try JSON(parsing: String(line))
            guard let syntax = formats[row["template"]?.string ?? ""], let text = row["input"]?.string,
                let expected = row["expected"]
            else { continue }
            // llama.cpp leaves content after reasoning alone where no format of reasoning is asked for.
            let splits = row["reasoning_format"] != nil
            let opened = splits && text.contains("</think>") && !text.hasPrefix("<think>")
            let tools = Set((row["tools"]?.array ?? []).compactMap { ($0["function"] ?? $0)["name"]?.string })
            let answer = ParsedAnswer(
                text, syntax, tools: tools, splits: splits || text.hasPrefix("<think>"), startsInReasoning: opened,
                isTruncated: row["is_partial"]?.bool ?? false)
            #expect(answer.content == expected["content"]?.string, "\(line)")
            if let reasoning = expected["reasoning_content"]?.string { #expect(answer.reasoning == reasoning) }
            let calls = expected["tool_calls"]?.array ?? []
            #expect(answer.calls.map { $0[0] } == calls.map { $0["name"]?.string ?? "" }, "\(line)")
            for (call, expected) in zip(answer.calls, calls) {
                let wanted = expected["arguments"]?.string ?? ""
                #expect((try? JSON(parsing: call[1])) == (try? JSON(parsing: wanted)), "\(line)")
                if row["is_partial"]?.bool == true { #expect(wanted.hasPrefix(call[1])) }
            }
            checked += 1
        }
        #expect(checked >= 18)
    }
}
