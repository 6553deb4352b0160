import HadalGateway
import HadalJSON
import HadalWire
import Testing

@Suite struct EndpointTests {
    @Test func completionsTakePromptsOfAllShapes() async throws {
        try await Serving.run { serving in
            for (prompt, texts) in [
                (#""a b c""#, ["a b c"]), (#"["a b","c"]"#, ["a b", "c"]), ("[1,2,3]", ["1 2 3"]),
                ("[[1],[2,3]]", ["1", "2 3"]),
            ] {
                let answer = try await serving.post(
                    "/v1/completions", #"{"model":"scripted","prompt":\#(prompt)}"#)
                #expect(answer.status == 200)
                #expect(answer.json["object"] == "text_completion")
                #expect(answer.json["choices"]?.array?.compactMap { $0["text"]?.string } == texts)
            }
        }
    }

    @Test func completionsStreamWithLogProbabilities() async throws {
        try await Serving.run { serving in
            let answer = try await serving.post(
                "/v1/completions",
                #"{"model":"scripted","prompt":"ab cd","stream":true,"logprobs":1,"stream_options":{"include_usage":true}}"#
            )
            let chunks = try answer.events.dropLast().map { try JSON(parsing: $0) }
            #expect(answer.events.last == "[DONE]")
            #expect(chunks.compactMap { $0["choices"]?[0]?["text"]?.string }.joined() == "ab cd")
            #expect(
                chunks[1]["choices"]?[0]?["logprobs"]?.text
                    == #"{"tokens":[" cd"],"token_logprobs":[-0.5],"top_logprobs":[{"alternative0":-1.0}],"text_offset":[2]}"#
            )
            #expect(chunks.last?["usage"]?["total_tokens"] == 4)
        }
    }

    @Test func embeddingsComeAsNumbersOrBase64() async throws {
        try await Serving.run { serving in
            let floats = try await serving.post("/v1/embeddings", #"{"model":"scripted","input":["abc",""]}"#)
            #expect(
                floats.json["data"]?.text
                    == #"[{"object":"embedding","index":0,"embedding":[3.0,0.1,-2.0]},{"object":"embedding","index":1,"embedding":[0.0,0.1,-2.0]}]"#
            )
            #expect(floats.json["usage"]?["prompt_tokens"] == 2)
            let base64 = try await serving.post(
                "/v1/embeddings", #"{"model":"scripted","input":[7,8],"encoding_format":"base64"}"#)
            let text = try #require(base64.json["data"]?[0]?["embedding"]?.string)
            #expect(Embeddings.Vector(base64: text).floats == [2, 0.2, -2])
        }
    }

    @Test func documentsAreRankedByTheirLikeness() async throws {
        try await Serving.run { serving in
            // The scripted vectors: how long the text is, and two that are the same for all.
            let body = #"{"model":"scripted","query":"abcd","documents":["a","abcd",{"text":"abc"}]"#
            let all = try await serving.post("/v1/rerank", body + "}")
            #expect(all.json["results"]?.array?.map { $0["index"]?.int } == [1, 2, 0])
            #expect(abs((all.json["results"]?[0]?["relevance_score"]?.double ?? 0) - 1) < 1e-6)
            #expect(all.json["results"]?[1]?["document"]?["text"] == "abc")
            let best = try await serving.post("/v2/rerank", body + #","top_n":1,"return_documents":false}"#)
            #expect(best.json["results"]?.array?.count == 1)
            #expect(best.json["results"]?[0]?["document"] == nil)
            #expect(
                try await serving.post("/rerank", #"{"model":"scripted","query":"a","documents":[]}"#).errorField
                    == "documents")
        }
    }

    @Test func modelsAndHealthAreTold() async throws {
        try await Serving.run { serving in
            let models = try await serving.get("/v1/models")
            #expect(models.json["data"]?[0]?["id"] == "scripted")
            #expect(models.json["data"]?[0]?["max_model_len"] == 64)
            #expect(try await serving.get("/v1/models/scripted").json["object"] == "model")
            #expect(try await serving.get("/v1/models/other").errorCode == "model_not_found")
            #expect(try await serving.get("/health/live").status == 200)
            #expect(try await serving.get("/health/ready").json["status"] == "ready")
            #expect(try await serving.get("/").body.contains("scripted"))
        }
    }

    @Test(arguments: [
        ("GET", "/v1/chat/completions", 405, "method_not_allowed"), ("POST", "/v1/models", 405, "method_not_allowed"),
        ("GET", "/v2/models", 404, "not_found"), ("GET", "/../../etc/passwd", 404, "not_found"),
        ("GET", "/v1/models/%zz", 404, "not_found"),
    ])
    func routesThatAreNotThereAreToldApart(method: String, path: String, status: Int, code: String) async throws {
        try await Serving.run { serving in
            let connection = try RawConnection(port: serving.port)
            await connection.send(
                "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            let answer = await connection.read()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
            #expect(answer.contains(#""code":"\#(code)""#))
            #expect((status == 405) == answer.lowercased().contains("allow: "))
        }
    }

    @Test func errorsNameTheField() async throws {
        try await Serving.run { serving in
            let wrong = try await serving.chat(#","temperature":99"#)
            #expect(wrong.status == 400)
            #expect(wrong.json["error"]?["type"] == "invalid_request_error")
            #expect(wrong.errorField == "temperature")
            let unknown = try await serving.chat(#","frobnicate":1"#)
            #expect(unknown.status == 400)
            #expect(unknown.errorCode == "unknown_field")
            let unsupported = try await serving.chat(#","functions":[{"name":"f"}]"#)
            #expect(unsupported.errorCode == "unsupported_field")
            let model = try await serving.post("/v1/completions", #"{"model":"gpt-9","prompt":"x"}"#)
            #expect(model.status == 404)
            #expect(model.errorCode == "model_not_found")
        }
    }

    @Test func whatTheWorkerRefusesKeepsItsStatus() async throws {
        let words = Array(repeating: "w", count: 65).joined(separator: " ")
        try await Serving.run { serving in
            for stream in ["false", "true"] {
                let answer = try await serving.chat(
                    #","stream":\#(stream)"#, #"[{"role":"user","content":"\#(words)"}]"#)
                #expect(answer.status == 400)
                #expect(answer.errorCode == "context_length_exceeded")
            }
        }
    }

    @Test func whatAModelCannotDoIsSaid() async throws {
        var backend = ScriptedBackend()
        backend.model.abilities = [.completion]
        try await Serving.run(backend) { serving in
            let chat = try await serving.chat("")
            #expect(chat.status == 400)
            #expect(chat.errorField == "model")
            #expect(chat.json["error"]?["message"]?.string?.contains("/v1/completions") == true)
            #expect(try await serving.post("/v1/embeddings", #"{"model":"scripted","input":"a"}"#).status == 400)
        }
    }

    @Test func aFailureInTheMiddleEndsTheStreamWithAnError() async throws {
        var backend = ScriptedBackend()
        backend.script = { _ throws(WorkerFailure) in
            ScriptedBackend.stream([
                .delta(GenerationDelta(part: .content, text: "half", tokens: [])),
                .failed(WorkerFailure(.internal, "the kernel tripped")),
            ])
        }
        try await Serving.run(backend) { serving in
            let stream = try await serving.chat(#","stream":true"#)
            let last = try JSON(parsing: try #require(stream.events.last))
            #expect(last["error"]?["message"] == "the kernel tripped")
            #expect(try await serving.chat("").status == 500)
        }
    }

    @Test func aBrokenOffStreamIsABadGateway() async throws {
        var backend = ScriptedBackend()
        backend.script = { _ throws(WorkerFailure) in
            ScriptedBackend.stream([.delta(GenerationDelta(part: .content, text: "half", tokens: []))])
        }
        try await Serving.run(backend) { serving in
            let whole = try await serving.chat("")
            #expect(whole.status == 502)
            #expect(whole.errorCode == "worker_lost")
        }
    }

    @Test func wideAddressesNeedAWord() async throws {
        var configuration = GatewayConfiguration(models: [ServedModel(parsing: "/models/r1.gguf")])
        for address in ["0.0.0.0:8000", "[::]:8000", "192.168.1.7:80", "example.com:80", "127.0.0.1.example.com:1"] {
            configuration.listen = try ListenAddress(parsing: address)
            configuration.isInsecure = false
            let error = await #expect(throws: GatewayError.self) {
                try await Gateway.run(configuration: configuration)
            }
            #expect(error?.description.contains("--insecure") == true)
            configuration.isInsecure = true
            try configuration.validate()
        }
        configuration.isInsecure = false
        for address in ["127.0.0.1:0", "localhost:8000", "[::1]:8000", "127.255.0.3:1"] {
            configuration.listen = try ListenAddress(parsing: address)
            try configuration.validate()
        }
        for text in ["8000", "", "::1:80", "127.0.0.1:99999", "host:", ":80"] {
            #expect(throws: GatewayError.self) { try ListenAddress(parsing: text) }
        }
        #expect(configuration.models[0].name == "r1")
        #expect(ServedModel(parsing: "/models/r1.gguf.enc").name == "r1")
        #expect(ServedModel(parsing: "big=/m/x.gguf") == ServedModel(name: "big", reference: "/m/x.gguf"))
    }
}
