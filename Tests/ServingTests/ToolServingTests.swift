import HadalGateway
import HadalJSON
import HadalWire
import NIOHTTP1
import Testing

/// What no official client shows: headers, comments, calls that break, and each protocol's errors.
@Suite(.timeLimit(.minutes(15))) struct ToolServingTests {
    private static let tools = #","tools":[{"type":"function","function":{"name":"f"}}]"#

    /// A call that turns out to be none after its first argument was told.
    private static let broken = ScriptedBackend { _ throws(WorkerFailure) in
        func delta(_ part: GenerationDelta.Part, _ text: String) -> WorkerEvent {
            .delta(GenerationDelta(part: part, text: text, tokens: []))
        }
        return ScriptedBackend.stream([
            delta(.call(index: 0, name: "f"), ""), delta(.call(index: 0, name: nil), "{\"a\": "),
            delta(.broken(index: 0, whole: "<tool_call>f {\"a\": oops"), "oops"), delta(.content, " so"),
            .finished(GenerationSummary(finish: .stop, usage: Usage(), warnings: ["no JSON"])),
        ])
    }

    @Test func aBrokenCallIsNotLost() async throws {
        try await Serving.run(Self.broken) { serving in
            let whole = try await serving.chat(Self.tools).json["choices"]?[0]
            #expect(whole?["message"]?["content"] == "<tool_call>f {\"a\": oops so")
            #expect(whole?["message"]?["tool_calls"] == nil)
            #expect(whole?["finish_reason"] == "stop")
            #expect(whole?["warnings"] == ["no JSON"])
            let chunks = try await serving.chat(Self.tools + #","stream":true"#).events.dropLast()
                .map { try JSON(parsing: $0) }
            let deltas = chunks.compactMap { $0["choices"]?[0]?["delta"] }
            #expect(deltas.compactMap { $0["content"]?.string }.joined() == "oops so")
            #expect(chunks.last?["choices"]?[0]?["warnings"] == ["no JSON"])
            let ollama = try await serving.post(
                "/api/chat", #"{"model":"scripted","messages":[{"role":"user","content":"x"}]}"#)
            #expect(ollama.headers.first(name: "content-type") == "application/x-ndjson")
            let lines = try ollama.body.split(separator: "\n").map { try JSON(parsing: String($0)) }
            #expect(
                lines.compactMap { $0["message"]?["content"]?.string }.joined() == "<tool_call>f {\"a\": oops so")
            #expect(lines.allSatisfy { $0["message"]?["tool_calls"] == nil })
        }
    }

    @Test func aCallsFirstPieceHasItsName() async throws {
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.agent)) { serving in
            let events = try await serving.chat(Self.tools + #","stream":true,"tool_choice":"required""#).events
            let deltas = try events.dropLast().compactMap {
                try JSON(parsing: $0)["choices"]?[0]?["delta"]?["tool_calls"]
            }
            let id = try #require(deltas[0][0]?["id"]?.string)
            #expect(id.hasPrefix("call_"))
            #expect(
                deltas[0].text
                    == #"[{"index":0,"id":"\#(id)","type":"function","function":{"name":"f","arguments":""}}]"#)
            #expect(deltas[1].text == #"[{"index":0,"function":{"arguments":"{\"city\""}}]"#)
        }
    }

    @Test func aStreamInWhichNothingHappensShowsLife() async throws {
        let endless = EndlessGeneration()
        try await Serving.run(
            ScriptedBackend(script: endless.script), configure: { $0.keepAlive = .milliseconds(1) }
        ) { serving in
            let body = #"{"model":"scripted","messages":[{"role":"user","content":"hi"}],"stream":true}"#
            let connection = try RawConnection(port: serving.port)
            await connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await connection.read(until: ": keep-alive\n\n").contains(": keep-alive\n\n"))
            await endless.finish()
        }
    }

    @Test func errorsHaveTheirProtocolsShape() async throws {
        try await Serving.run { serving in
            for path in ["/anthropic/v1/messages", "/v1/messages"] {
                let anthropic = try await serving.post(path, #"{"model":"scripted"}"#)
                #expect(anthropic.status == 400)
                #expect(
                    anthropic.json
                        == [
                            "type": "error",
                            "error": ["type": "invalid_request_error", "message": "max_tokens: required"],
                        ])
            }
            let ollama = try await serving.post("/api/chat", #"{"model":"other","messages":[]}"#)
            #expect(ollama.status == 404)
            #expect(ollama.json["error"]?.string?.contains("other") == true)
            #expect(try await serving.post("/api/push", #"{"model":"x"}"#).status == 501)
            #expect(try await serving.get("/api/chat").status == 405)
            #expect(try await serving.get("/api/version").json["version"]?.string?.isEmpty == false)
        }
    }

    @Test func aModelThatFillsNoGapsSaysSo() async throws {
        var backend = ScriptedBackend()
        backend.model.abilities = [.completion]
        try await Serving.run(backend) { serving in
            let answer = try await serving.post(
                "/beta/completions", #"{"model":"scripted","prompt":"a","suffix":"b"}"#)
            #expect(answer.status == 400)
            #expect(answer.json["error"]?["message"]?.string?.contains("fill in the middle") == true)
        }
    }
}
