import Foundation
import HadalJSON
import HadalTemplates
import TestSupport
import Testing

/// What real models wrote, piece by piece as it came, and what it means.
@Suite(.enabled(if: SharedData.file("api/recorded-streams") != nil, "needs ../shared/data"))
struct RecordedAnswerTests {
    @Test(arguments: [
        "sglang/qwen3-0.6B/chat_completion_stream_f121d1ca-no-tool.json",
        "vllm/qwen3-0.6B/chat_completion_stream_5627a4c6-no-tool.json",
    ])
    func reasoningAndContentAreToldApart(path: String) throws {
        let file = try #require(SharedData.file("api/recorded-streams/" + path))
        let recorded = try JSON(parsing: try Data(contentsOf: file))
        var parser = AnswerParser(
            splits: true, startsInReasoning: false, tools: AnswerParser.Tools(.hermes, names: ["get_weather"]))
        var (reasoning, content) = ("", "")
        func take(_ events: [AnswerParser.Event]) {
            for event in events {
                switch event {
                case .reasoning(let text): reasoning += text
                case .content(let text): content += text
                default: Issue.record("\(event)")
                }
            }
        }
        for piece in recorded["input_stream"]?.array ?? [] {
            let text = piece["data"]?["choices"]?[0]?["delta"]?["content"]?.string
            take(parser.feed(text ?? ""))
        }
        take(parser.finish(isTruncated: false))
        func trimmed(_ text: String?) -> String? { text?.trimmingCharacters(in: .whitespacesAndNewlines) }
        #expect(trimmed(reasoning) == trimmed(recorded["expected_output"]?["reasoning_content"]?.string))
        #expect(trimmed(content) == trimmed(recorded["expected_output"]?["normal_content"]?.string))
    }
}
