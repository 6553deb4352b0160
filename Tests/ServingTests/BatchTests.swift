import AsyncHTTPClient
import Foundation
import HadalGateway
import HadalJSON
import HadalWire
import NIOCore
import NIOHTTP1
import Testing

/// Batches where no client looks: in a process that is killed, beside people who wait, and files that are no files.
@Suite(.timeLimit(.minutes(15))) struct BatchTests {
    static func withDirectory<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
            "hadal-data-\(UInt32.random(in: .min ... .max))")
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory)
    }

    private static func form(_ content: String, purpose: String = "batch") -> String {
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n\(purpose)\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"in.jsonl\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n\(content)\r\n--b--\r\n"
    }

    private static func upload(
        _ serving: Serving, _ body: String, type: String = "multipart/form-data; boundary=b",
        headers: [(String, String)] = []
    ) async throws -> Serving.Answer {
        try await serving.post("/v1/files", body, type: type, headers: headers)
    }

    /// - Parameter first: the tokens of the first two, where they are others.
    private static func lines(_ count: Int, model: String, tokens: Int, first: Int? = nil) -> String {
        (0..<count).map { index in
            let tokens = index < 2 ? first ?? tokens : tokens
            return
                #"{"custom_id":"r\#(index)","method":"POST","url":"/v1/completions","body":{"model":"\#(model)","prompt":"word \#(index)","max_tokens":\#(tokens),"ignore_eos":true}}"#
        }.joined(separator: "\n")
    }

    private static func create(_ serving: Serving, file: String) async throws -> Serving.Answer {
        try await serving.post(
            "/v1/batches", #"{"input_file_id":"\#(file)","endpoint":"/v1/completions","completion_window":"24h"}"#)
    }

    @Test func aBatchGoesOnAfterItsServerWasKilled() async throws {
        try await Self.withDirectory { directory in
            let count = 14
            // One at a time, so that it does not end before this test sees that it began.
            let start = try await HadalProcess.serve(["--data", directory.path, "--batch", "1"]) { hadal -> String in
                let serving = hadal.serving
                let file = try await Self.upload(
                    serving, Self.form(Self.lines(count, model: "guide", tokens: 600, first: 20)))
                let batch = try await Self.create(serving, file: try #require(file.json["id"]?.string))
                let id = try #require(batch.json["id"]?.string)
                _ = try await serving.batch(id) { ($0["request_counts"]?["completed"]?.int ?? 0) >= 2 }
                kill(hadal.process, SIGKILL)
                return id
            }
            // What was being written when the power went.
            let part = directory.appendingPathComponent("batches/\(start.value).output.jsonl")
            let before = try String(contentsOf: part, encoding: .utf8).split(separator: "\n").count
            #expect(before >= 2 && before < count)
            let handle = try FileHandle(forWritingTo: part)
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"custom_id":"r13","resp"#.utf8))
            try handle.close()

            _ = try await HadalProcess.serve(["--data", directory.path]) { hadal in
                let batch = try await hadal.serving.batch(start.value) { $0["status"] == "completed" }
                #expect(batch["request_counts"]?["completed"]?.int == count)
                let output = try await hadal.serving.get("/v1/files/\(batch["output_file_id"]?.string ?? "")/content")
                let names = output.body.split(separator: "\n").compactMap {
                    (try? JSON(parsing: String($0)))?["custom_id"]?.string
                }
                #expect(Set(names).count == count && names.count == count)
            }
        }
    }

    /// A process that ended after it had named the output's file, before or after it had moved it.
    @Test(arguments: [false, true]) func aBatchIsFinishedOnce(isMoved: Bool) async throws {
        try await Self.withDirectory { directory in
            func write(_ text: String, _ path: String) throws {
                let url = directory.appendingPathComponent(path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: url)
            }
            let line = #"{"custom_id":"r0","response":{"status_code":200}}"# + "\n"
            try write(
                #"{"id":"batch_1","endpoint":"/v1/completions","input_file_id":"file-1","status":"finalizing","output_file_id":"file-2","request_counts":{"total":1,"completed":1}}"#,
                "batches/batch_1.json")
            try write(
                #"{"id":"file-2","bytes":\#(line.utf8.count),"filename":"o.jsonl","purpose":"batch_output"}"#,
                "files/file-2/file.json")
            try write(line, isMoved ? "files/file-2/content" : "batches/batch_1.output.jsonl")
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                let batch = try await serving.batch("batch_1") { $0["status"] == "completed" }
                #expect(batch["request_counts"]?["completed"] == 1)
                #expect(try await serving.get("/v1/files/file-2/content").body == line)
            }
        }
    }

    @Test func aBatchWaitsForPeople() async throws {
        let endless = EndlessGeneration()
        let backend = ScriptedBackend { request throws(WorkerFailure) in
            // People's requests have a higher priority.
            request.priority < 0 ? try ScriptedBackend.echo(request) : try endless.script(request)
        }
        try await Self.withDirectory { directory in
            try await Serving.run(backend, configure: { $0.dataDirectory = directory.path }) { serving in
                var started = endless.started.makeAsyncIterator()
                async let person = serving.chat("")
                _ = await started.next()
                let file = try await Self.upload(serving, Self.form(Self.lines(3, model: "scripted", tokens: 5)))
                let created = try await Self.create(serving, file: file.json["id"]?.string ?? "")
                let id = try #require(created.json["id"]?.string)
                let waiting = try await serving.batch(id) { $0["status"] == "in_progress" }
                #expect(waiting["request_counts"]?["completed"] == 0)
                #expect(try await serving.get("/v1/batches/\(id)").json["request_counts"]?["completed"] == 0)
                await endless.finish()
                #expect(try await person.status == 200)
                let done = try await serving.batch(id) { $0["status"] == "completed" }
                #expect(done["request_counts"]?["completed"] == 3)
            }
        }
    }

    @Test func aBatchCanBeCancelled() async throws {
        let endless = EndlessGeneration()
        try await Self.withDirectory { directory in
            try await Serving.run(
                ScriptedBackend(script: endless.script), configure: { $0.dataDirectory = directory.path }
            ) {
                serving in
                let file = try await Self.upload(serving, Self.form(Self.lines(20, model: "scripted", tokens: 5)))
                let created = try await Self.create(serving, file: file.json["id"]?.string ?? "")
                let id = try #require(created.json["id"]?.string)
                var started = endless.started.makeAsyncIterator()
                for _ in 0..<8 { _ = await started.next() }
                let cancelling = try await serving.post("/v1/batches/\(id)/cancel", "{}")
                #expect(cancelling.json["status"] == "cancelling")
                await endless.finish()
                let ended = try await serving.batch(id) { $0["status"] == "cancelled" }
                // What had begun is there.
                #expect(ended["request_counts"]?["completed"] == 8)
                #expect(ended["output_file_id"]?.string != nil)
                #expect(try await serving.post("/v1/batches/\(id)/cancel", "{}").status == 409)
            }
        }
    }

    @Test func whatIsNoFileIsRefused() async throws {
        try await Self.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                let good = Self.form("{}")
                for (body, type, field) in [
                    ("", "multipart/form-data; boundary=b", nil), (good, "multipart/form-data", nil),
                    (good, "text/plain", nil), (good, "multipart/form-data; boundary=c", nil),
                    (String(good.dropLast(20)), "multipart/form-data; boundary=b", nil),
                    (Self.form("{}", purpose: "fine-tune"), "multipart/form-data; boundary=b", "purpose"),
                    (Self.form("{}", purpose: "batch_output"), "multipart/form-data; boundary=b", "purpose"),
                    (
                        good.replacing("name=\"file\"", with: "name=\"fil\""), "multipart/form-data; boundary=b",
                        "file"
                    ),
                ] as [(String, String, String?)] {
                    let answer = try await Self.upload(serving, body, type: type)
                    #expect(answer.status == 400, "\(type) \(answer.body)")
                    #expect(answer.errorField == field)
                }
                // A page of another site can send forms without asking.
                let foreign = try await Self.upload(serving, good, headers: [("Origin", "https://evil.example")])
                #expect(foreign.status == 421)
                let own = try await Self.upload(serving, good, headers: [("Origin", serving.base)])
                #expect(own.status == 200)
                #expect(try await serving.get("/v1/files").json["data"]?.array?.count == 1)
                #expect(try await serving.get("/v1/files?limit=0").errorField == "limit")
                #expect(try await serving.get("/v1/files?after=x").errorField == "after")
                #expect(try await Self.create(serving, file: "file-none").errorField == "input_file_id")
                let kept = try FileManager.default.contentsOfDirectory(
                    atPath: directory.appendingPathComponent("files").path)
                #expect(kept.count == 1)
            }
        }
    }

    @Test func formsThatAreCutOrChangedAreRefusedOrStored() async throws {
        try await Self.withDirectory { directory in
            try await Serving.run(configure: { $0.dataDirectory = directory.path }) { serving in
                let form = Array(Self.form(#"{"custom_id":"a"}"#).utf8)
                var stored = 0
                for seed in 0..<300 {
                    var bytes = form
                    // Where and what follow from the seed, over the whole form.
                    let place = seed * 7919 % form.count
                    switch seed % 3 {
                    case 0: bytes = Array(bytes[..<place])
                    case 1: bytes[place] = UInt8(truncatingIfNeeded: seed &* 37)
                    default: bytes.replaceSubrange(place..<min(place + 9, form.count), with: form.prefix(seed % 23))
                    }
                    var request = HTTPClientRequest(url: serving.base + "/v1/files")
                    request.method = .POST
                    request.headers.add(name: "content-type", value: "multipart/form-data; boundary=b")
                    request.body = .bytes(ByteBuffer(bytes: bytes))
                    let answer = try await serving.send(request)
                    #expect(answer.status == 200 || answer.status == 400, "seed \(seed): \(answer.body)")
                    if answer.status == 200 { stored += 1 }
                }
                #expect(stored > 0)
                #expect(try await serving.get("/v1/files?limit=1000").json["data"]?.array?.count == stored)
            }
        }
    }

    @Test func withoutADirectoryThereAreNone() async throws {
        try await Serving.run { serving in
            let (list, batch) = (try await serving.get("/v1/files"), try await Self.create(serving, file: "a"))
            #expect(list.status == 501 && batch.status == 501)
        }
    }

    @Test func stateThatCannotBeReadIsNamed() async throws {
        try await Self.withDirectory { directory in
            let batches = directory.appendingPathComponent("batches")
            try FileManager.default.createDirectory(at: batches, withIntermediateDirectories: true)
            try Data("{".utf8).write(to: batches.appendingPathComponent("batch_1.json"))
            let error = await #expect(throws: GatewayError.self) {
                try await Serving.run(configure: { $0.dataDirectory = directory.path }) { _ in }
            }
            #expect(error?.description.contains("batch_1.json") == true)
        }
    }
}
