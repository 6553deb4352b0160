import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

/// Models that are made of others: what reaches the worker, what is kept, and what is refused.
@Suite(.timeLimit(.minutes(15))) struct VariantTests {
    private static let pirate =
        #"{"model":"pirate","from":"scripted","system":"Arr.","parameters":{"temperature":0.25,"top_p":0.5,"top_k":7,"num_predict":9,"stop":"END","seed":5,"num_ctx":64},"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}],"stream":false}"#

    private static func create(_ serving: Serving, _ body: String = pirate) async throws {
        let answer = try await serving.post("/api/create", body)
        #expect(answer.status == 200 && answer.json == ["status": "success"], "\(answer.body)")
    }

    private static func delete(_ serving: Serving, _ name: String) async throws -> Serving.Answer {
        var request = HTTPClientRequest(url: serving.base + "/api/delete")
        request.method = .DELETE
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(string: JSON.object(.init([("model", .string(name))])).text))
        return try await serving.send(request)
    }

    private static func names(_ serving: Serving) async throws -> [String] {
        (try await serving.get("/v1/models").json["data"]?.array ?? []).compactMap { $0["id"]?.string }
    }

    @Test(arguments: [false, true]) func theOllamaClientGetsWhatItExpects(isKept: Bool) async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(
                ScriptedBackend(script: ScriptedBackend.mirror),
                configure: { if isKept { $0.dataDirectory = directory.path } }
            ) { serving in
                try await PythonClient.run("ollama_client.py", base: serving.base, model: "scripted", ["variants"])
            }
            let files = try? FileManager.default.contentsOfDirectory(
                atPath: directory.appendingPathComponent("variants").path)
            #expect(files == (isKept ? ["pirate.json"] : nil))
        }
    }

    // MARK: what reaches the worker

    /// How a protocol asks, and where the text of its answer stands.
    struct Dialect: Sendable, CustomTestStringConvertible {
        var path: String
        var open: String
        /// Says all itself.
        var closed: String
        var text: @Sendable (JSON) -> JSON?
        var testDescription: String { path }
    }

    static let dialects = [
        Dialect(
            path: "/v1/chat/completions", open: #""messages":[{"role":"user","content":"q"}]"#,
            closed:
                #""messages":[{"role":"system","content":"own"},{"role":"user","content":"q"}],"temperature":1,"top_p":1,"top_k":0,"max_tokens":3,"stop":["."],"seed":8"#,
            text: { $0["choices"]?[0]?["message"]?["content"] }),
        Dialect(
            path: "/v1/responses", open: #""input":"q""#,
            closed: #""input":"q","instructions":"own","temperature":1,"top_p":1,"max_output_tokens":3,"seed":8"#,
            text: { $0["output"]?[0]?["content"]?[0]?["text"] }),
        Dialect(
            path: "/anthropic/v1/messages", open: #""max_tokens":9,"messages":[{"role":"user","content":"q"}]"#,
            closed:
                #""max_tokens":3,"messages":[{"role":"user","content":"q"}],"system":"own","temperature":1,"top_p":1,"top_k":0,"stop_sequences":["."]"#,
            text: { $0["content"]?[0]?["text"] }),
        Dialect(
            path: "/api/chat", open: #""stream":false,"messages":[{"role":"user","content":"q"}]"#,
            closed:
                #""stream":false,"messages":[{"role":"system","content":"own"},{"role":"user","content":"q"}],"options":{"temperature":1,"top_p":1,"top_k":0,"num_predict":3,"stop":["."],"seed":8}"#,
            text: { $0["message"]?["content"] }),
        Dialect(
            path: "/api/generate", open: #""stream":false,"prompt":"q""#,
            closed:
                #""stream":false,"prompt":"q","system":"own","options":{"temperature":1,"top_p":1,"top_k":0,"num_predict":3,"stop":["."],"seed":8}"#,
            text: { $0["response"] }),
    ]

    @Test(arguments: dialects) func aRequestIsFilledAndKeepsWhatItSays(dialect: Dialect) async throws {
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.mirror)) { serving in
            try await Self.create(serving)
            func job(_ members: String, model: String = "pirate:latest") async throws -> JSON {
                let answer = try await serving.post(dialect.path, #"{"model":"\#(model)",\#(members)}"#)
                #expect(answer.status == 200 && answer.json["model"]?.string == model, "\(answer.body)")
                return try JSON(parsing: try #require(dialect.text(answer.json)?.string))
            }
            func texts(_ job: JSON) -> [String] { (job["messages"]?.array ?? []).compactMap { $0["content"]?.string } }

            let open = try await job(dialect.open)
            #expect(texts(open) == ["Arr.", "u", "a", "q"])
            #expect(open["messages"]?[0]?["role"] == "system")
            #expect(open["temperature"] == 0.25 && open["top_p"] == 0.5 && open["top_k"] == 7)
            #expect(open["max_tokens"] == 9 && open["stop"] == ["END"] && open["seed"] == 5)

            let closed = try await job(dialect.closed)
            #expect(texts(closed) == ["own", "u", "a", "q"])
            #expect(closed["temperature"]?.double == 1 && closed["top_p"]?.double == 1 && closed["max_tokens"] == 3)
            if dialect.closed.contains("top_k") { #expect(closed["top_k"] == 0 && closed["stop"] == ["."]) }
            if dialect.closed.contains("seed") { #expect(closed["seed"] == 8) }

            // The model itself is as it was.
            let base = try await job(dialect.open, model: "scripted")
            #expect(texts(base) == ["q"] && base["temperature"] == nil && base["stop"] == nil)
        }
    }

    @Test func textsThatGoAsTheyAreStayAsTheyAre() async throws {
        try await Serving.run(ScriptedBackend(script: ScriptedBackend.mirror)) { serving in
            try await Self.create(serving)
            func job(_ members: String, model: String = "pirate") async throws -> JSON {
                let answer = try await serving.post("/v1/completions", #"{"model":"\#(model)",\#(members)}"#)
                return try JSON(parsing: try #require(answer.json["choices"]?[0]?["text"]?.string))
            }
            let plain = try await job(#""prompt":"q""#)
            #expect(plain["text"] == "q" && plain["messages"] == nil && plain["temperature"] == 0.25)
            #expect(plain["max_tokens"] == 9)
            #expect(try await job(#""prompt":"q","max_tokens":2,"stop":[]"#)["max_tokens"] == 2)
            #expect(try await job(#""prompt":"q","max_tokens":2,"stop":[]"#)["stop"] == [])
            #expect(try await job(#""prompt":"q""#, model: "scripted")["max_tokens"] == 16)
            let gap = try await job(#""prompt":"q","suffix":"s""#)
            #expect(gap["infill"] == ["before": "q", "after": "s"] && gap["top_k"] == 7)
            let raw = try await serving.post(
                "/api/generate", #"{"model":"pirate","prompt":"q","raw":true,"stream":false}"#)
            let asked = try JSON(parsing: try #require(raw.json["response"]?.string))
            #expect(asked["text"] == "q" && asked["messages"] == nil && asked["seed"] == 5)
        }
    }

    @Test func vectorsListsAndBatchesKnowIt() async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(
                ScriptedBackend(script: ScriptedBackend.mirror), configure: { $0.dataDirectory = directory.path }
            ) { serving in
                try await Self.create(serving)
                let vectors = try await serving.post("/v1/embeddings", #"{"model":"pirate","input":"abc"}"#)
                #expect(vectors.json["model"] == "pirate" && vectors.json["data"]?[0]?["embedding"]?[0]?.double == 3)
                let ollama = try await serving.post("/api/embed", #"{"model":"pirate","input":"abc"}"#)
                #expect(ollama.json["model"] == "pirate" && ollama.json["embeddings"]?[0]?[0]?.double == 3)
                let order = try await serving.post("/v1/rerank", #"{"model":"pirate","query":"a","documents":["b"]}"#)
                #expect(order.status == 200)
                let tokens = try await serving.post("/tokenize", #"{"model":"pirate","prompt":"a b"}"#)
                #expect(tokens.json["count"] == 2)
                #expect(try await Self.names(serving) == ["scripted", "pirate"])
                #expect(try await serving.get("/v1/models/pirate").json["id"] == "pirate")
                let shown = try await serving.post("/api/show", #"{"model":"pirate"}"#).json
                #expect(shown["system"] == "Arr." && shown["messages"]?[1]?["content"] == "a")

                let line =
                    #"{"custom_id":"r","method":"POST","url":"/v1/chat/completions","body":{"model":"pirate","messages":[{"role":"user","content":"q"}]}}"#
                let form =
                    "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"in\"\r\n\r\n\(line)\r\n--b--\r\n"
                let file = try await serving.post("/v1/files", form, type: "multipart/form-data; boundary=b")
                var batch = try await serving.post(
                    "/v1/batches",
                    #"{"input_file_id":"\#(file.json["id"]?.string ?? "")","endpoint":"/v1/chat/completions","completion_window":"24h"}"#
                ).json
                let id = try #require(batch["id"]?.string)
                while batch["status"] != "completed" { batch = try await serving.get("/v1/batches/\(id)").json }
                let output = try await serving.get("/v1/files/\(batch["output_file_id"]?.string ?? "")/content")
                #expect(output.body.contains("Arr."), "\(output.body)")
            }
        }
    }

    // MARK: what is kept

    @Test func variantsOutliveAServerThatIsKilled() async throws {
        try await BatchTests.withDirectory { directory in
            let question = #""messages":[{"role":"user","content":"Hello!"}]"#
            @Sendable func length(_ serving: Serving, _ model: String) async throws -> Int {
                let answer = try await serving.post("/tokenize", #"{"model":"\#(model)",\#(question)}"#)
                return try #require(answer.json["count"]?.int)
            }
            _ = try await HadalProcess.serve(["--data", directory.path]) { hadal in
                try await Self.create(
                    hadal.serving,
                    #"{"model":"brief:v1","from":"guide","system":"Answer in few words.","parameters":{"num_predict":3,"temperature":0},"stream":false}"#
                )
                try await Self.create(hadal.serving, #"{"model":"gone","from":"guide","stream":false}"#)
                #expect(try await Self.delete(hadal.serving, "gone").status == 200)
                kill(hadal.process, SIGKILL)
            }
            // What was being written when the power went.
            try Data("{".utf8).write(to: directory.appendingPathComponent("variants/half.json.new"))
            _ = try await HadalProcess.serve(["--data", directory.path]) { hadal in
                let serving = hadal.serving
                #expect(try await Self.names(serving) == ["guide", "brief:v1"])
                let answer = try await serving.post("/v1/chat/completions", #"{"model":"brief:v1",\#(question)}"#).json
                #expect(answer["usage"]?["completion_tokens"] == 3 && answer["model"] == "brief:v1", "\(answer)")
                let (brief, base) = (try await length(serving, "brief:v1"), try await length(serving, "guide"))
                #expect(brief > base)
                #expect(answer["usage"]?["prompt_tokens"]?.int == brief)
                let count = try await serving.post(
                    "/v1/messages/count_tokens", #"{"model":"brief:v1",\#(question)}"#)
                #expect(count.json["input_tokens"]?.int ?? 0 > base)
            }
        }
    }

    @Test func aFileThatCannotBeReadIsNamedAndLeftOut() async throws {
        try await BatchTests.withDirectory { directory in
            let variants = directory.appendingPathComponent("variants")
            try FileManager.default.createDirectory(at: variants, withIntermediateDirectories: true)
            for (name, text) in [
                ("broken", "{"), ("other", #"{"model":"pirate","from":"scripted"}"#),
                ("unknown", #"{"model":"unknown","from":"scripted","warmth":1}"#),
                ("whole", #"{"model":"whole","from":"scripted"}"#),
                ("orphan", #"{"model":"orphan","from":"elsewhere"}"#),
                ("scripted", #"{"model":"scripted","from":"scripted","system":"Hidden."}"#),
            ] { try Data(text.utf8).write(to: variants.appendingPathComponent(name + ".json")) }
            let notes = Notes()
            try await Serving.run(
                ScriptedBackend(script: ScriptedBackend.mirror),
                configure: {
                    $0.dataDirectory = directory.path
                    $0.logger = notes.logger
                }
            ) { serving in
                #expect(try await Self.names(serving) == ["scripted", "whole"])
                // The served model goes before a variant with its name.
                #expect(try await serving.chat("").body.contains("Hidden.") == false)
                let lost = try await serving.post("/api/show", #"{"model":"orphan"}"#)
                #expect(lost.status == 404 && lost.json["error"]?.string?.contains("elsewhere") == true)
                // It can be made anew, or deleted.
                try await Self.create(serving, #"{"model":"broken","from":"scripted","stream":false}"#)
                #expect(try await Self.delete(serving, "orphan").status == 200)
                #expect(try await Self.names(serving) == ["scripted", "broken", "whole"])
            }
            let lines = notes.all.withLock { $0 }
            for name in ["broken.json", "other.json", "unknown.json"] {
                #expect(lines.contains { $0.contains(name) && $0.contains("left out") }, "\(lines)")
            }
            #expect(lines.contains { $0.contains("orphan") && $0.contains("elsewhere") })
            #expect(!lines.contains { $0.contains("whole") })
        }
    }

    @Test func whatIsKeptIsWhatIsThereHoweverManyAsk() async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<60 {
                        group.addTask {
                            let name = "v\(index % 4)"
                            let answer =
                                switch index % 3 {
                                case 0: try await Self.delete(serving, name)
                                case 1:
                                    try await serving.post(
                                        "/api/copy", #"{"source":"scripted","destination":"\#(name)"}"#)
                                default:
                                    try await serving.post("/api/create", #"{"model":"\#(name)","from":"scripted"}"#)
                                }
                            #expect(answer.status == 200 || answer.status == 404, "\(answer.body)")
                        }
                    }
                    try await group.waitForAll()
                }
                let files = try FileManager.default.contentsOfDirectory(
                    atPath: directory.appendingPathComponent("variants").path)
                let names = try await Self.names(serving).dropFirst()
                #expect(files.sorted() == names.map { $0 + ".json" })
            }
        }
    }

    // MARK: what is refused

    @Test func namesThatAreNoneAreRefused() async throws {
        try await BatchTests.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                func answers(_ name: String) async throws -> [Serving.Answer] {
                    let text = JSON.string(name).text
                    return [
                        try await serving.post("/api/create", #"{"model":\#(text),"from":"scripted"}"#),
                        try await serving.post("/api/copy", #"{"source":"scripted","destination":\#(text)}"#),
                    ]
                }
                for name in [
                    "", ".", "..", "../x", "a/../b", "a/..", "/etc/passwd", "a/b/c/d", "a//b", "a/", ".hidden", "a b",
                    "a\0b", "a\nb", "a\u{1b}[2J", "é", "e\u{301}", "\u{212A}", "a:b:c", "a:", ":latest", "a:.b", "-x",
                    "a\\b", "a%2Fb", "\u{202E}a", String(repeating: "a", count: 201),
                ] {
                    for answer in try await answers(name) {
                        #expect(answer.status == 400, "\(name.debugDescription): \(answer.body)")
                        #expect(answer.json["error"]?.string?.contains("must be") == true)
                    }
                    #expect(try await Self.delete(serving, name).status == 404)
                    #expect(try await serving.post("/api/pull", #"{"model":"x/../y"}"#).status == 404)
                }
                let variants = directory.appendingPathComponent("variants").path
                #expect(try FileManager.default.contentsOfDirectory(atPath: variants) == [])
                let names = [
                    "A.b_c-d:7b", "host.example/me/x:tag", "me/x", "x.json", "x.json.new",
                    "a/b/" + String(repeating: "a", count: 196),
                ]
                for name in names {
                    for answer in try await answers(name) { #expect(answer.status == 200, "\(name): \(answer.body)") }
                }
                #expect(Set(try await Self.names(serving)) == Set(names + ["scripted"]))
                #expect(try FileManager.default.contentsOfDirectory(atPath: variants).count == names.count)
            }
        }
    }

    @Test func whatWouldBeTooMuchIsRefused() async throws {
        try await Serving.run { serving in
            for index in 0..<1000 {
                let answer = try await serving.post("/api/copy", #"{"source":"scripted","destination":"v\#(index)"}"#)
                try #require(answer.status == 200)
            }
            let more = try await serving.post("/api/create", #"{"model":"more","from":"scripted"}"#)
            #expect(more.status == 400 && more.json["error"]?.string?.contains("1000") == true)
            try await Self.create(serving, #"{"model":"v7","from":"scripted","system":"s","stream":false}"#)
            let licenses = (0..<16).map { "\"\($0)\"" }.joined(separator: ",")
            try await Self.create(
                serving, #"{"model":"v8","from":"scripted","license":[\#(licenses)],"stream":false}"#)
            let license = try await serving.post("/api/create", #"{"model":"v9","from":"v8","license":"more"}"#)
            #expect(license.status == 400, "\(license.body)")
            let long = String(repeating: "x", count: 256 << 10)
            for members in [
                #""system":"\#(long)""#, #""license":"\#(long)""#, #""parameters":{"num_ctx":"\#(long)"}"#,
                #""messages":[{"role":"user","content":"\#(long)"}]"#,
                #""messages":[{"role":"system","content":"x"}]"#, #""messages":[{"role":"robot","content":"x"}]"#,
                #""messages":[\#(Array(repeating: #"{"role":"user"}"#, count: 257).joined(separator: ","))]"#,
                #""parameters":[]"#, #""parameters":{"stop":[1]}"#, #""license":{}"#, #""system":1"#,
                #""parameters":{"num_ctx":1,"num_ctxx":1}"#,
            ] {
                let answer = try await serving.post("/api/create", #"{"model":"v7","from":"scripted",\#(members)}"#)
                #expect(answer.status == 400, "\(members.prefix(80)): \(answer.body)")
            }
            #expect(try await serving.post("/api/create", "{}", type: "text/plain").status == 415)
            #expect(try await serving.get("/api/create").status == 405)
            #expect(try await serving.post("/api/show", #"{"model":"v7"}"#).json["system"] == "s")
        }
    }
}
