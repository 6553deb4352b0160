import Foundation
import HadalJSON
import Subprocess
import Testing

/// What somebody has who installs Hadal and names no model: real weights behind every API.
@Suite(.timeLimit(.minutes(15))) struct GuideServingTests {
    /// Strict about members, as clients that parse the answer need it.
    private static let schema =
        #"{"type":"object","properties":{"place":{"type":"string","maxLength":20},"code":{"type":"integer","minimum":0,"maximum":99}},"required":["place","code"],"additionalProperties":false}"#
    private static let question = #"[{"role":"user","content":"Where is it? As JSON."}]"#

    private static func matches(_ text: String?) -> Bool {
        guard let text, let json = try? JSON(parsing: text) else { return false }
        return json.object?.keys == ["place", "code"] && json["place"]?.string != nil && json["code"]?.int != nil
    }

    @Test func theBuiltInModelIsServedWithoutAName() async throws {
        let outcome = try await HadalProcess.serve([]) { hadal in
            let models = try await hadal.serving.get("/v1/models")
            #expect(models.json["data"]?.array?.map { $0["id"]?.string } == ["guide"])
            // What the program tells people to try works.
            let example = try await hadal.serving.post(hadal.example.path, hadal.example.body)
            #expect(example.status == 200)
            let hello = example.json["choices"]?[0]?["message"]?["content"]?.string
            #expect(hello?.contains("guide") == true, "\(hello ?? "nothing")")

            let openAI = try await hadal.serving.post(
                "/v1/chat/completions",
                #"{"model":"guide","messages":\#(Self.question),"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":\#(Self.schema),"strict":true}}}"#
            )
            #expect(Self.matches(openAI.json["choices"]?[0]?["message"]?["content"]?.string), "\(openAI.json.text)")
            let ollama = try await hadal.serving.post(
                "/api/chat", #"{"model":"guide","messages":\#(Self.question),"stream":false,"format":\#(Self.schema)}"#)
            #expect(Self.matches(ollama.json["message"]?["content"]?.string), "\(ollama.json.text)")
            let anthropic = try await hadal.serving.post(
                "/anthropic/v1/messages",
                #"{"model":"guide","max_tokens":200,"messages":\#(Self.question),"output_config":{"format":{"type":"json_schema","schema":\#(Self.schema)}}}"#
            )
            #expect(Self.matches(anthropic.json["content"]?[0]?["text"]?.string), "\(anthropic.json.text)")
        }
        #expect(outcome.status == .exited(0))
    }
}
