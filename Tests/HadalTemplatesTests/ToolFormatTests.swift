import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// A conversation with a call and its result, as an OpenAI client sends it, in the way each template takes it.
@Suite struct ToolFormatTests {
    private static let tools: [JSON] = [
        [
            "type": "function",
            "function": [
                "name": "get_time", "description": "Tells the time.",
                "parameters": ["type": "object", "properties": ["city": ["type": "string"]]],
            ],
        ]
    ]
    private static let messages: [JSON] = [
        ["role": "user", "content": "What time is it?"],
        [
            "role": "assistant", "content": "",
            "tool_calls": [
                [
                    "id": "call_1", "type": "function",
                    "function": ["name": "get_time", "arguments": #"{"city": "Paris"}"#],
                ]
            ],
        ],
        ["role": "tool", "tool_call_id": "call_1", "content": "noon in Paris"],
    ]

    private func rendered(_ source: String) throws -> (text: String, format: ToolFormat) {
        let format = ChatFormat.jinja(
            try ChatTemplate(source: source), specialTokens: ["bos_token": "<bos>", "eos_token": "<eos>"])
        let tools = ToolFormat(format)
        let prepared = tools.prepared(messages: Self.messages, tools: Self.tools)
        return (try format.render(messages: prepared.messages, tools: prepared.tools), tools)
    }

    @Test func theBuiltInModelsTemplate() throws {
        let file = SharedData.repository.appendingPathComponent("Guide/chat_template.jinja")
        let (text, format) = try rendered(try String(contentsOf: file, encoding: .utf8))
        #expect(format.syntax == .deepSeekV31)
        #expect(
            text.hasSuffix(
                "<｜Assistant｜></think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_time<｜tool▁sep｜>{\"city\": \"Paris\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜><｜tool▁output▁begin｜>noon in Paris<｜tool▁output▁end｜><｜Assistant｜></think>"
            ))
    }

    @Test func aTemplateWithoutToolsIsHelped() throws {
        let source = """
            {% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}
            """
        let (text, format) = try rendered(source)
        #expect(format.syntax == .hermes)
        #expect(text.contains(#"{"name": "get_time", "description": "Tells the time.""#))
        #expect(
            text.contains(
                "<assistant><tool_call>\n{\"name\": \"get_time\", \"arguments\": {\"city\": \"Paris\"}}\n</tool_call>"))
        #expect(text.contains("<user><tool_response>\nnoon in Paris\n</tool_response>"))
    }

    @Test func whatTheModelWroteWrongStaysText() throws {
        var messages = Self.messages
        messages[1] = [
            "role": "assistant", "content": "",
            "tool_calls": [["id": "c", "type": "function", "function": ["name": "get_time", "arguments": "{oops"]]],
        ]
        let prepared = ToolFormat(.deepSeekV4).prepared(messages: messages, tools: [])
        #expect(prepared.messages[1]["tool_calls"]?[0]?["function"]?["arguments"] == "{oops")
    }

    @Test(
        .enabled(if: SharedData.root != nil, "needs ../shared/data"),
        arguments: [
            ("deepseek-ai-DeepSeek-V3.1", ToolSyntax.deepSeekV31), ("llama-cpp-deepseek-r1", .deepSeekR1),
            ("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", .deepSeekR1), ("deepseek-ai-DeepSeek-V3.2", .deepSeekV32),
            ("deepseek-ai-DeepSeek-V4", .deepSeekV4), ("Qwen-Qwen3-0.6B", .hermes),
            ("Qwen-Qwen2.5-7B-Instruct", .hermes),
            ("Qwen-QwQ-32B", .hermes), ("meta-llama-Llama-3.1-8B-Instruct", .llama),
            ("meta-llama-Llama-3.2-3B-Instruct", .llama), ("moonshotai-Kimi-K2", .kimi),
            ("NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", .hermes), ("microsoft-Phi-3.5-mini-instruct", .hermes),
        ])
    func publishedTemplatesTakeTheConversation(name: String, syntax: ToolSyntax) throws {
        let file = try #require(SharedData.file("chat-templates/jinja/\(name).jinja"))
        let (text, format) = try rendered(try String(contentsOf: file, encoding: .utf8))
        #expect(format.syntax == syntax)
        #expect(text.contains("get_time"))
        #expect(text.contains("noon in Paris"))
        #expect(
            text.contains(#"{"city": "Paris"}"#) || text.contains(#"{"city":"Paris"}"#)
                || text.contains(#"name="city" string="true">Paris<"#), "\(text)")
        #expect(text.contains("Tells the time."), "\(text)")
        // What is written for an earlier call is read as that call again.
        let start = try #require(text.range(of: "What time is it?")).upperBound
        if let end = text.range(of: "noon in Paris") {
            let answer = ParsedAnswer(String(text[start..<end.lowerBound]), format.syntax, tools: ["get_time"])
            if syntax != .llama { #expect(answer.calls.first?.first == "get_time", "\(answer)") }
        }
    }
}
