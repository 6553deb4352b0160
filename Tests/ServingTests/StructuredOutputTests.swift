import Foundation
import HadalGrammar
import HadalJSON
import TestSupport
import Testing

/// The real program with a model of random weights: what it answers is right because nothing else was possible.
@Suite(.serialized, .timeLimit(.minutes(15))) struct StructuredOutputTests {
    @Test func answersAreHeldToWhatTheRequestSays() async throws {
        let path = try TinyModel.write(contextLength: 1024)
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = try await HadalProcess.serve(path) { hadal in
            let model = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let schema =
                #"{"type":"object","properties":{"answer":{"enum":["yes","no"]},"n":{"type":"integer","minimum":1,"maximum":9}},"required":["answer","n"],"additionalProperties":false}"#
            func chat(_ members: String) async throws -> Serving.Answer {
                try await hadal.serving.post(
                    "/v1/chat/completions",
                    #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}],"max_tokens":300,"chat_template_kwargs":{"thinking":false},\#(members)}"#
                )
            }
            for (members, source) in [
                (
                    #""response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":\#(schema)}}"#,
                    GrammarSource.jsonSchema(try JSON(parsing: schema))
                ),
                (#""guided_choice":["red","green"]"#, .choice(["red", "green"])),
                (#""structured_outputs":{"regex":"[a-c]{4}-[0-9]"}"#, .regex("[a-c]{4}-[0-9]")),
                (#""guided_grammar":"root ::= \"<\" [0-9]{2} \">\"""#, .regex("<[0-9]{2}>")),
            ] {
                let answer = try await chat(members)
                #expect(answer.status == 200, "\(answer.body)")
                let text = try #require(answer.json["choices"]?[0]?["message"]?["content"]?.string)
                #expect(try Grammar(source).matches(text), "\(text)")
                #expect(answer.json["choices"]?[0]?["finish_reason"] == "stop")
            }
            let refused = try await chat(
                #""response_format":{"type":"json_schema","json_schema":{"name":"a","schema":{"properties":{"x":{"uniqueItems":true}}}}}"#
            )
            #expect(refused.status == 400)
            #expect(refused.json["error"]?["type"] == "invalid_request_error")
            #expect(refused.json["error"]?["param"] == "response_format.json_schema.schema")
            let message = refused.json["error"]?["message"]?.string ?? ""
            #expect(message.contains("'uniqueItems'") && message.contains("#/properties/x/uniqueItems"), "\(message)")
            let wrong = try await hadal.serving.post(
                "/v1/completions", #"{"model":"\#(model)","prompt":"x","guided_regex":"a("}"#)
            #expect(wrong.status == 400 && wrong.json["error"]?["param"] == "guided_regex")
        }
    }
}
