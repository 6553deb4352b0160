import HadalJSON
import NIOHTTP1
import Testing

@Suite struct ChatTests {
    @Test func aWholeAnswerHasOpenAIsShape() async throws {
        try await Serving.run { serving in
            let answer = try await serving.chat("")
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "application/json")
            let json = answer.json
            #expect(json["object"] == "chat.completion")
            #expect(json["model"] == "scripted")
            #expect(json["system_fingerprint"] == "fp_scripted")
            #expect(json["id"]?.string?.hasPrefix("chatcmpl-") == true)
            #expect(
                json["choices"]?.text
                    == #"[{"index":0,"message":{"role":"assistant","content":"one two three","refusal":null},"logprobs":null,"finish_reason":"stop"}]"#
            )
            #expect(json["usage"]?["prompt_tokens"] == 3)
            #expect(json["usage"]?["completion_tokens"] == 3)
            #expect(json["usage"]?["total_tokens"] == 6)
        }
    }

    @Test func reasoningStandsApart() async throws {
        try await Serving.run { serving in
            let answer = try await serving.chat(#","thinking":{"type":"enabled"}"#)
            let message = answer.json["choices"]?[0]?["message"]
            #expect(message?["reasoning_content"] == "Hm.")
            #expect(message?["content"] == "one two three")
            #expect(answer.json["usage"]?["completion_tokens_details"]?["reasoning_tokens"] == 1)
        }
    }

    @Test func aStreamGivesTheSameAnswerInPieces() async throws {
        try await Serving.run { serving in
            let answer = try await serving.chat(
                #","stream":true,"stream_options":{"include_usage":true},"enable_thinking":true,"max_tokens":2"#)
            #expect(answer.status == 200)
            #expect(answer.headers.first(name: "content-type") == "text/event-stream; charset=utf-8")
            let events = answer.events
            #expect(events.last == "[DONE]")
            let chunks = try events.dropLast().map { try JSON(parsing: $0) }
            #expect(Set(chunks.compactMap { $0["id"]?.string }).count == 1)
            #expect(chunks.allSatisfy { $0["object"] == "chat.completion.chunk" })
            let deltas = chunks.compactMap { $0["choices"]?[0]?["delta"] }
            #expect(deltas.first?["role"] == "assistant")
            #expect(deltas.compactMap { $0["reasoning_content"]?.string }.joined() == "Hm.")
            #expect(deltas.compactMap { $0["content"]?.string }.joined() == "one two")
            let reasons = chunks.compactMap { $0["choices"]?[0]?["finish_reason"]?.string }
            #expect(reasons == ["length"])
            // Every event has the member, and the last one, without choices, its value.
            #expect(chunks.dropLast().allSatisfy { $0["usage"] == .null })
            #expect(chunks.last?["choices"] == [])
            #expect(chunks.last?["usage"]?["completion_tokens"] == 3)
        }
    }

    @Test func logProbabilitiesHaveOpenAIsShape() async throws {
        try await Serving.run { serving in
            let answer = try await serving.chat(#","logprobs":true,"top_logprobs":2,"max_tokens":1"#)
            #expect(
                answer.json["choices"]?[0]?["logprobs"]?.text
                    == #"{"content":[{"token":"one","logprob":-0.5,"bytes":[111,110,101],"top_logprobs":[{"token":"alternative0","logprob":-1.0,"bytes":[97,108,116,101,114,110,97,116,105,118,101,48]},{"token":"alternative1","logprob":-2.0,"bytes":[97,108,116,101,114,110,97,116,105,118,101,49]}]}],"refusal":null}"#
            )
        }
    }

    @Test func severalChoicesComeUnderTheirIndices() async throws {
        try await Serving.run { serving in
            let whole = try await serving.chat(#","n":3"#)
            #expect(whole.json["choices"]?.array?.compactMap { $0["index"]?.int } == [0, 1, 2])
            // The prompt counts once.
            #expect(whole.json["usage"]?["prompt_tokens"] == 3)
            #expect(whole.json["usage"]?["completion_tokens"] == 9)
            let stream = try await serving.chat(#","n":2,"stream":true"#)
            var texts = ["", ""]
            for event in stream.events.dropLast() {
                let choice = try JSON(parsing: event)["choices"]?[0]
                texts[choice?["index"]?.int ?? 0] += choice?["delta"]?["content"]?.string ?? ""
            }
            #expect(texts == ["one two three", "one two three"])
        }
    }

    @Test func manyClientsAreServedAtOnce() async throws {
        try await Serving.run { serving in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<64 {
                    group.addTask {
                        let words = (0...index % 7).map { "w\(index)x\($0)" }.joined(separator: " ")
                        let answer = try await serving.chat("", #"[{"role":"user","content":"\#(words)"}]"#)
                        return answer.json["choices"]?[0]?["message"]?["content"]?.string == words
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
