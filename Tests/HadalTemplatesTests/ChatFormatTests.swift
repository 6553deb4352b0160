import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

@Suite struct ChatFormatTests {
    private let hello: [JSON] = [["role": "user", "content": "Hello"]]

    @Test func aTemplateSeesSpecialTokensToolsAndBothNamesOfThinking() throws {
        let template = try ChatTemplate(
            source:
                "{{ bos_token }}{{ messages[0].content }}|{{ tools is defined }}|{{ enable_thinking }}|{{ eos_token }}")
        let format = ChatFormat.jinja(template, specialTokens: ["bos_token": "<s>", "eos_token": "</s>"])
        #expect(
            try format.render(messages: hello, variables: .init([("thinking", true)])) == "<s>Hello|False|True|</s>")
        #expect(try format.render(messages: hello, tools: [["type": "function"]]) == "<s>Hello|True||</s>")
        #expect(try format.render(messages: hello, tools: []) == "<s>Hello|False||</s>")
    }

    @Test func aCheckpointsFormatComesFromItsTemplateOrItsModelType() throws {
        let configuration: JSON = [
            "chat_template": "{{ bos_token }}{{ messages|length }}",
            "bos_token": ["content": "<b>", "lstrip": false], "eos_token": .null,
        ]
        let format = try #require(try ChatFormat(tokenizerConfiguration: configuration, modelType: "deepseek_v32"))
        #expect(try format.render(messages: hello) == "<b>1")
        let named: JSON = [
            "chat_template": [["name": "tool_use", "template": "tools"], ["name": "default", "template": "plain"]]
        ]
        #expect(try ChatFormat(tokenizerConfiguration: named, modelType: "llama")?.render(messages: hello) == "plain")
        guard case .deepSeekV32 = try ChatFormat(tokenizerConfiguration: [:], modelType: "deepseek_v32") else {
            Issue.record("V3.2 has an encoder")
            return
        }
        guard case .deepSeekV4 = try ChatFormat(tokenizerConfiguration: [:], modelType: "deepseek_v4") else {
            Issue.record("V4 has an encoder")
            return
        }
        let base = try ChatFormat(tokenizerConfiguration: [:], modelType: "llama")
        #expect(base == nil)
    }

    private func v32(_ messages: [JSON], thinking: Bool = true, addGenerationPrompt: Bool = true) throws -> String {
        try ChatFormat.deepSeekV32.render(
            messages: messages, addGenerationPrompt: addGenerationPrompt,
            variables: .init([("thinking", .bool(thinking))]))
    }

    @Test func v32KeepsTheReasoningOfTheTurnBeingAnsweredOnly() throws {
        let call: JSON = ["function": ["name": "f", "arguments": "{\"a\": [1, 2.0], \"b\": \"x\"}"]]
        let messages: [JSON] = [
            ["role": "user", "content": "one"],
            ["role": "assistant", "content": "1", "reasoning_content": "old"],
            ["role": "user", "content": "two"],
            ["role": "assistant", "content": "", "reasoning_content": "new", "tool_calls": [call]],
            ["role": "tool", "content": "result"],
        ]
        let expected =
            "<｜begin▁of▁sentence｜><｜User｜>one<｜Assistant｜></think>1<｜end▁of▁sentence｜>"
            + "<｜User｜>two<｜Assistant｜><think>new</think>\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"f\">\n"
            + "<｜DSML｜parameter name=\"a\" string=\"false\">[1, 2.0]</｜DSML｜parameter>\n"
            + "<｜DSML｜parameter name=\"b\" string=\"true\">x</｜DSML｜parameter>\n</｜DSML｜invoke>\n"
            + "</｜DSML｜function_calls><｜end▁of▁sentence｜>\n\n<function_results>\n<result>result</result>\n"
            + "</function_results>\n\n<think>"
        #expect(try v32(messages) == expected)
        #expect(try v32(messages, addGenerationPrompt: false) == String(expected.dropLast("\n\n<think>".count)))
        #expect(try v32(hello, thinking: false) == "<｜begin▁of▁sentence｜><｜User｜>Hello<｜Assistant｜></think>")
    }

    @Test(arguments: [
        ("[{\"role\": \"tool\", \"content\": \"x\"}]", "messages[0]: a tool result answers no tool call"),
        ("[{\"role\": \"user\", \"content\": 5}]", "messages[0]: the content is neither text nor a list of parts"),
        ("[{\"role\": \"robot\"}]", "messages[0]: the role 'robot' is unknown to this model"),
        (
            "[{\"role\":\"assistant\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{\"}}]}]",
            "messages[0]: the arguments of a tool call are not JSON"
        ),
    ])
    func whatV32CannotWriteIsAnErrorThatNamesTheMessage(_ messages: String, _ problem: String) throws {
        let messages = try #require(try JSON(parsing: messages).array)
        let error = #expect(throws: TemplateError.self) { try v32(messages) }
        #expect(error?.description.hasPrefix(problem) == true)
    }

    @Test func textPartsAreJoinedAndOthersRefused() throws {
        let parts: [JSON] = [
            ["role": "user", "content": [["type": "text", "text": "a"], ["type": "text", "text": "b"]]]
        ]
        #expect(try v32(parts).contains("<｜User｜>ab<｜Assistant｜>"))
        let image: [JSON] = [["role": "user", "content": [["type": "image_url", "image_url": ["url": "x"]]]]]
        #expect(throws: TemplateError.self) { try v32(image) }
    }

    @Test(.enabled(if: ReferenceTemplatesTests.isHere, "needs ../shared/data"))
    func everyReferenceCaseOfV32IsEqual() throws {
        let lines = try ReferenceTemplatesTests.lines("deepseek-v3.2-encoding.jsonl")
        for line in lines {
            let text = try ChatFormat.deepSeekV32.render(
                messages: try #require(line["messages"]?.array),
                variables: .init([
                    ("thinking", .bool(line["thinking_mode"]?.string == "thinking")),
                    ("drop_thinking", line["drop_thinking"] ?? true),
                ]))
            let expected = try #require(line["expected"]?.string)
            #expect(text.utf8.elementsEqual(expected.utf8), "\(line["case"]?.string ?? "")")
        }
        #expect(lines.count == 30)
    }

    /// The published template of V4 as the reference, also where `../shared` has no rendering of it.
    @Test(.enabled(if: ReferenceTemplatesTests.isHere, "needs ../shared/data"))
    func theEncoderOfV4EqualsItsTemplate() throws {
        let template = try ChatTemplate(source: try ReferenceTemplatesTests.source(of: "deepseek-ai-DeepSeek-V4"))
        let jinja = ChatFormat.jinja(template, specialTokens: ["bos_token": "<｜begin▁of▁sentence｜>"])
        var conversations: [(messages: [JSON], tools: [JSON]?, prompt: Bool, expected: String?)] = []
        for line in try ReferenceTemplatesTests.lines("jinja2-rendered.jsonl") {
            guard let variables = line["vars"], let messages = variables["messages"]?.array else { continue }
            let isOurs = line["template"]?.string == "deepseek-ai-DeepSeek-V4"
            conversations.append(
                (
                    messages, variables["tools"]?.array, variables["add_generation_prompt"]?.bool ?? false,
                    isOurs ? line["expected"]?.string : nil
                ))
        }
        for line in try ReferenceTemplatesTests.lines("deepseek-v3.2-encoding.jsonl") {
            // The template takes tools from the request only, not from messages.
            guard let messages = line["messages"]?.array, messages.allSatisfy({ $0["tools"] == nil }) else { continue }
            conversations.append((messages, nil, true, nil))
        }
        var own = 0
        for conversation in conversations {
            if let expected = conversation.expected {
                let text = try ChatFormat.deepSeekV4.render(
                    messages: conversation.messages, tools: conversation.tools, addGenerationPrompt: conversation.prompt
                )
                #expect(text.utf8.elementsEqual(expected.utf8))
                own += 1
            }
            for variables: JSON.Object in [
                .init(), .init([("thinking", true)]), .init([("thinking", true), ("drop_thinking", false)]),
                .init([("enable_thinking", true), ("reasoning_effort", "high")]),
                .init([("thinking", true), ("reasoning_effort", "max")]),
            ] {
                func text(_ format: ChatFormat) throws -> String {
                    try format.render(
                        messages: conversation.messages, tools: conversation.tools,
                        addGenerationPrompt: conversation.prompt, variables: variables)
                }
                #expect(try text(.deepSeekV4) == text(jinja))
            }
        }
        #expect(own == 11)
    }
}
