import HadalJSON
import HadalTemplates
import TestSupport
import Testing

@Suite struct ReasoningSplitterTests {
    typealias Split = ReasoningSplitter.Delta

    /// Feeds `text` in pieces of so many scalars.
    private func split(_ text: String, opened: Bool, pieces: Int = .max) -> Split {
        var splitter = ReasoningSplitter(opened: opened)
        var result = Split()
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let delta = splitter.feed(String(String.UnicodeScalarView(rest.prefix(pieces))))
            rest = rest.dropFirst(pieces)
            result.reasoning += delta.reasoning
            result.content += delta.content
        }
        let delta = splitter.finish()
        result.reasoning += delta.reasoning
        result.content += delta.content
        return result
    }

    @Test(arguments: [
        ("I'm\nthinking\n</think>\n\nHello,\n world! ", true, "I'm\nthinking", "Hello,\n world! "),
        ("<think>\nwhy\n</think>\n\nbecause", false, "why", "because"),
        ("\n<think>why</think>because", false, "why", "because"),
        ("<think>repeated by the model</think>x", true, "repeated by the model", "x"),
        ("</think>Hello", true, "", "Hello"),
        ("\n\n</think>\n\nHello", true, "", "Hello"),
        ("  plain text stays as it is \n", false, "", "  plain text stays as it is \n"),
        ("say <think> and </think> in an answer", false, "", "say <think> and </think> in an answer"),
        ("a</think>b</think><think>c", true, "a", "b</think><think>c"),
        ("a <b> </thin </think> c", true, "a <b> </thin", "c"),
        ("never closed </thi", true, "never closed </thi", ""),
        ("never closed \n", true, "never closed", ""),
        ("<thi", false, "", "<thi"),
        ("<<think>", false, "", "<<think>"),
        ("<</think>x", true, "<", "x"),
        ("", true, "", ""),
        ("\n", false, "", "\n"),
        ("思考\r\n</think>\r\n答案", true, "思考", "答案"),
    ])
    func textIsSplitTheSameHoweverItArrives(_ text: String, _ opened: Bool, _ reasoning: String, _ content: String) {
        for pieces in [1, 2, 3, 7, .max] {
            let result = split(text, opened: opened, pieces: pieces)
            #expect(result == Split(reasoning: reasoning, content: content), "in pieces of \(pieces)")
        }
    }

    @Test func whatIsDecidedIsGivenAtOnceAndHalfATagNever() {
        var splitter = ReasoningSplitter(continuing: "<｜Assistant｜><think>\n")
        #expect(splitter.feed("ab </") == Split(reasoning: "ab"))
        #expect(splitter.feed("x ") == Split(reasoning: " </x"))
        #expect(splitter.feed("</think") == Split())
        #expect(splitter.feed(">\n") == Split())
        #expect(splitter.feed("c ") == Split(content: "c "))
        #expect(splitter.feed("</think>") == Split(content: "</think>"))
        #expect(splitter.finish().isEmpty)
    }

    @Test(arguments: [("…<think>\n", true), ("…<think>\n\n</think>\n\n", false), ("…", false), ("<think>", true)])
    func thePromptTellsWhetherReasoningIsOpen(_ prompt: String, _ opened: Bool) {
        var splitter = ReasoningSplitter(continuing: prompt)
        #expect(splitter.feed("x") == (opened ? Split(reasoning: "x") : Split(content: "x")))
    }

    @Test func aLongRunOfWhiteSpaceCostsTimeInProportion() {
        let text = String(repeating: " \n", count: 200_000)
        #expect(split("a" + text + "</think>" + text + "b", opened: true) == Split(reasoning: "a", content: "b"))
    }

    @Test(.enabled(if: ReferenceTemplatesTests.isHere, "needs ../shared/data"))
    func referenceOutputsWithoutToolsAreSplitAsExpected() throws {
        var count = 0
        for line in try ReferenceTemplatesTests.lines("output-parsing.jsonl") {
            let expected = try #require(line["expected"])
            guard expected["tool_calls"] == nil, let input = line["input"]?.string else { continue }
            let name = try #require(line["template"]?.string)
            // Templates that are not at hand: thinking means that they open the tag, as those of Qwen3.5 do.
            var opened = line["enable_thinking"]?.bool ?? false
            if SharedData.file("chat-templates/jinja/" + name) != nil {
                let source = try ReferenceTemplatesTests.source(of: String(name.dropLast(".jinja".count)))
                let format = ChatFormat.jinja(try ChatTemplate(source: source), specialTokens: ["bos_token": ""])
                var variables = JSON.Object()
                variables["enable_thinking"] = line["enable_thinking"]
                let prompt = try format.render(messages: [["role": "user", "content": "x"]], variables: variables)
                opened = prompt.hasSuffix("<think>") || prompt.hasSuffix("<think>\n")
            }
            for pieces in [1, 5, .max] {
                let result = split(input, opened: opened, pieces: pieces)
                #expect(result.content == expected["content"]?.string)
                // The case with a JSON schema leaves its reasoning out.
                if line["json_schema"] == nil {
                    #expect(result.reasoning == expected["reasoning_content"]?.string ?? "")
                }
            }
            count += 1
        }
        #expect(count == 12)
    }
}
