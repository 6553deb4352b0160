import AsyncHTTPClient
import Foundation
import HadalAccess
import HadalGateway
import HadalJSON
import HadalWire
import Logging
import NIOCore
import NIOHTTP1
import Testing

/// What a server keeps while the configuration says that it is encrypted, and what was there before.
@Suite(.timeLimit(.minutes(15))) struct EncryptionAtRestTests {
    /// Stands in everything that is said, and nowhere else.
    private static let word = "quagga"

    private static func serve(
        _ data: EncryptedData, _ encryption: EncryptionAtRest?, logger: Logger? = nil,
        _ backend: ScriptedBackend = ScriptedBackend(),
        _ body: @escaping @Sendable (Serving) async throws -> Void
    ) async throws {
        try await Serving.run(
            backend,
            configure: {
                $0.dataDirectory = data.url.path
                $0.encryption = encryption
                if let logger { $0.logger = logger }
            }, body)
    }

    private static func form(_ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(word).jsonl\"\r\n\r\n"
            + "\(content)\r\n--b--\r\n"
    }

    private static func send(
        _ serving: Serving, _ method: HTTPMethod, _ path: String, _ body: String? = nil,
        type: String = "application/json", key: String? = nil
    ) async throws -> Serving.Answer {
        var request = HTTPClientRequest(url: serving.base + path)
        request.method = method
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.headers.add(name: "content-type", value: type)
            request.body = .bytes(ByteBuffer(string: body))
        }
        return try await serving.send(request)
    }

    private static func upload(_ serving: Serving, _ content: String, key: String? = nil) async throws -> String {
        let answer = try await send(
            serving, .POST, "/v1/files", form(content), type: "multipart/form-data; boundary=b", key: key)
        #expect(answer.json["bytes"]?.int == content.utf8.count, "\(answer.body)")
        return try #require(answer.json["id"]?.string)
    }

    private static func content(_ serving: Serving, _ id: String?, key: String? = nil) async throws -> Serving.Answer {
        try await send(serving, .GET, "/v1/files/\(id ?? "")/content", key: key)
    }

    /// Two lines: an answer each.
    private static let lines = (0..<2).map { index in
        #"{"custom_id":"\#(word)\#(index)","method":"POST","url":"/v1/completions","body":{"model":"scripted","prompt":"\#(word) says \#(index)"}}"#
    }.joined(separator: "\n")

    private static func ended(_ serving: Serving, _ id: String, key: String? = nil) async throws -> JSON {
        while true {
            let batch = try await send(serving, .GET, "/v1/batches/\(id)", key: key).json
            if ["completed", "failed"].contains(batch["status"]?.string) { return batch }
        }
    }

    /// - Returns: the batch, when it has ended.
    private static func batch(_ serving: Serving, _ file: String, key: String? = nil) async throws -> JSON {
        let created = try await send(
            serving, .POST, "/v1/batches",
            #"{"input_file_id":"\#(file)","endpoint":"/v1/completions","completion_window":"24h","metadata":{"\#(word)":"1"}}"#,
            key: key)
        return try await ended(serving, try #require(created.json["id"]?.string, "\(created.body)"), key: key)
    }

    private static let variant =
        #"{"model":"dry","from":"scripted","system":"A \#(word) is dry.","stream":false}"#

    // MARK: nothing lies in plain

    @Test func nothingThatWasSaidOrDoneLiesInPlainAndAllComesBack() async throws {
        try await EncryptedData.run { data in
            let control = try AccessControl(AccessDatabase(data: data.url), opensWhenEmpty: false)
            let administration = AccessAdministration(control, audit: try AuditLog(data: data.url))
            let root = Requester(.local(name: "root"))
            try administration.createTenant(name: "red", by: root)
            func key(_ roles: Set<String>, _ tenant: String?) throws -> String {
                try administration.createKey(
                    KeyRequest(name: "k", owner: .service(roles: roles, tenant: tenant)), by: root
                ).secret
            }
            let keys = [try key(["administrator"], nil), try key(["model-manager"], "red")]
            let auditor = try key(["auditor"], nil)
            let made = Made()
            try await Self.serve(data, try await data.open()) { serving in
                for key in keys {
                    let file = try await Self.upload(serving, Self.lines, key: key)
                    let batch = try await Self.batch(serving, file, key: key)
                    await made.add(file, batch)
                    let created = try await Self.send(serving, .POST, "/api/create", Self.variant, key: key)
                    #expect(created.status == 200, "\(created.body)")
                }
                let act = try await Self.send(serving, .DELETE, "/admin/v1/users/\(Self.word)", key: keys[0])
                #expect(act.status == 404)
                // While it runs, and with what SQLite has beside its files.
                #expect(try data.files(with: Self.word) == [])
            }
            #expect(try data.files(with: Self.word) == [])
            #expect(try data.files.contains { $0.path.contains("tenants/red/files/") })

            let all = await made.all
            try await Self.serve(data, try await data.open()) { serving in
                for (key, (file, batch)) in zip(keys, all) {
                    #expect(try await Self.content(serving, file, key: key).body == Self.lines)
                    let described = try await Self.send(serving, .GET, "/v1/files/\(file)", key: key).json
                    #expect(described["filename"]?.string == "\(Self.word).jsonl")
                    let id = try #require(batch["id"]?.string)
                    #expect(try await Self.send(serving, .GET, "/v1/batches/\(id)", key: key).json == batch)
                    #expect(batch["metadata"]?[Self.word] == "1")
                    let output = try await Self.content(serving, batch["output_file_id"]?.string, key: key)
                    #expect(output.body.split(separator: "\n").count == 2)
                    #expect(output.body.contains("\(Self.word) says 0") && output.body.contains("\(Self.word) says 1"))
                    let shown = try await Self.send(serving, .POST, "/api/show", #"{"model":"dry"}"#, key: key)
                    #expect(shown.json["system"]?.string == "A \(Self.word) is dry.", "\(shown.body)")
                }
                let events = try await Self.send(serving, .GET, "/admin/v1/audit", key: auditor).json["data"]?.array
                #expect(events?.contains { $0["target"]?.string == Self.word } == true, "\(events ?? [])")
                // What was recorded in plain before is there too.
                #expect(events?.contains { $0["action"] == "tenant.create" } == true)
            }
        }
    }

    private actor Made {
        private(set) var all: [(file: String, batch: JSON)] = []

        func add(_ file: String, _ batch: JSON) { all.append((file, batch)) }
    }

    @Test func anUploadComesBackByteForByte() async throws {
        try await EncryptedData.run { data in
            // Beginnings of boundaries everywhere, over several pieces of a body and chunks of a file.
            let boundary = "----b--bb"
            var bytes: [UInt8] = []
            for index in 0..<60_000 {
                bytes += Array("\r\n--\(boundary.prefix(index % (boundary.count - 1)))".utf8)
                bytes.append(UInt8(truncatingIfNeeded: index))
            }
            for (encryption, content) in [(try await data.open(), bytes), (try await data.open(), []), (nil, bytes)] {
                try await BatchTests.withDirectory { directory in
                    try await Serving.run(configure: {
                        $0.dataDirectory = directory.path
                        $0.encryption = encryption
                    }) { serving in
                        let head =
                            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n"
                        let tail =
                            "\r\n--\(boundary)\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nuser_data"
                            + "\r\n--\(boundary)--\r\n"
                        var request = HTTPClientRequest(url: serving.base + "/v1/files")
                        request.method = .POST
                        request.headers.add(name: "content-type", value: "multipart/form-data; boundary=\(boundary)")
                        request.body = .bytes(ByteBuffer(bytes: Array(head.utf8) + content + Array(tail.utf8)))
                        let answer = try await serving.send(request)
                        let id = try #require(answer.json["id"]?.string, "\(answer.body)")
                        let response = try await HTTPClient.shared.execute(
                            HTTPClientRequest(url: "\(serving.base)/v1/files/\(id)/content"), timeout: .seconds(60))
                        let body = try await response.body.collect(upTo: 64 << 20)
                        #expect(Array(body.readableBytesView) == content)
                    }
                }
            }
        }
    }

    @Test func anAnswerLongerThanARecordOfTheLogIsKeptWhole() async throws {
        try await EncryptedData.run { data in
            let said = String(repeating: "abcdefgh", count: 1 << 17)
            let backend = ScriptedBackend { _ throws(WorkerFailure) in
                ScriptedBackend.stream((0..<10).map { _ in .said(said) } + [.done(.stop)])
            }
            try await Self.serve(data, try await data.open(), backend) { serving in
                let batch = try await Self.batch(serving, try await Self.upload(serving, Self.lines))
                let output = try await Self.content(serving, batch["output_file_id"]?.string).body.split(
                    separator: "\n")
                #expect(output.count == 2)
                for line in output {
                    let text = try JSON(parsing: String(line))["response"]?["body"]?["choices"]?[0]?["text"]?.string
                    #expect(text?.utf8.count == 10 << 20)
                }
            }
        }
    }

    // MARK: what was there before, and what comes after

    @Test func whatWasThereInPlainIsServedAndWhatIsNewIsEncrypted() async throws {
        try await EncryptedData.run { data in
            let made = Made()
            try await Self.serve(data, nil) { serving in
                let file = try await Self.upload(serving, Self.lines)
                await made.add(file, try await Self.batch(serving, file))
                #expect(try await Self.send(serving, .POST, "/api/create", Self.variant).status == 200)
            }
            let old = try #require(await made.all.first)
            // The file and its description, the batch and its output, the variant.
            #expect(try data.files(with: Self.word).count == 5)
            let check: @Sendable (Serving) async throws -> Void = { serving in
                #expect(try await Self.content(serving, old.file).body == Self.lines)
                let output = try await Self.content(serving, old.batch["output_file_id"]?.string).body
                #expect(output.contains("\(Self.word) says 1"))
                let id = old.batch["id"]?.string ?? ""
                #expect(try await Self.send(serving, .GET, "/v1/batches/\(id)").json == old.batch)
                let shown = try await Self.send(serving, .POST, "/api/show", #"{"model":"dry"}"#)
                #expect(shown.json["system"]?.string == "A \(Self.word) is dry.")
            }
            let notes = Notes()
            try await Self.serve(data, try await data.open(), logger: notes.logger) { serving in
                try await check(serving)
                let new = try await Self.upload(serving, Self.lines)
                await made.add(new, try await Self.batch(serving, old.file))
                #expect(try data.isEncrypted("files/\(new)/content"))
            }
            // Two files, a batch, a variant.
            #expect(notes.contains("plain", "4"))
            let new = try #require(await made.all.last)
            #expect(try data.files(with: Self.word).count == 5)

            // Switched off: with the key service all is read, and what is new is plain.
            try await Self.serve(data, try await data.open([])) { serving in
                try await check(serving)
                #expect(try await Self.content(serving, new.file).body == Self.lines)
                let output = try await Self.content(serving, new.batch["output_file_id"]?.string).body
                #expect(output.contains("\(Self.word) says 1"))
                let plain = try await Self.upload(serving, "{}")
                #expect(try data.isEncrypted("files/\(plain)/content") == false)
            }
            // Without it the server says so and does not touch them.
            // SQLite's own go when the last who has a database open lets go of it, some time after a server has ended.
            func names() throws -> [String] {
                try data.files.map(\.path).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
            }
            let before = try names()
            let error = await #expect(throws: GatewayError.self) { try await Self.serve(data, nil) { _ in } }
            #expect(error?.description.contains("secrets.service") == true, "\(String(describing: error))")
            #expect(error?.description.contains(data.url.path) == true)
            #expect(try names() == before)
        }
    }

    @Test func aBatchThatWasBegunInPlainGoesOnEncrypted() async throws {
        try await EncryptedData.run { data in
            let made = Made()
            try await Self.serve(data, nil) { serving in
                await made.add(try await Self.upload(serving, Self.lines), .null)
            }
            let file = try #require(await made.all.first).file
            try FileManager.default.createDirectory(at: data.file("batches"), withIntermediateDirectories: true)
            let state =
                #"{"id":"batch_1","endpoint":"/v1/completions","input_file_id":"\#(file)","status":"in_progress","request_counts":{"total":2}}"#
            try Data(state.utf8).write(to: data.file("batches/batch_1.json"))
            // One is done; the other was being written.
            let first = #"{"custom_id":"\#(Self.word)0","response":{"status_code":200}}"#
            try Data("\(first)\n{\"custom_id\":\"\(Self.word)1\",\"resp".utf8)
                .write(to: data.file("batches/batch_1.output.jsonl"))
            try await Self.serve(data, try await data.open()) { serving in
                let batch = try await Self.ended(serving, "batch_1")
                #expect(batch["request_counts"]?["completed"] == 2, "\(batch)")
                let id = try #require(batch["output_file_id"]?.string, "\(batch)")
                let lines = try await Self.content(serving, id).body.split(separator: "\n")
                #expect(lines.count == 2 && lines.first.map(String.init) == first)
                #expect(try data.isEncrypted("files/\(id)/content") && data.isEncrypted("batches/batch_1.json"))
                #expect(!FileManager.default.fileExists(atPath: data.file("batches/batch_1.output.jsonl").path))
            }
        }
    }

    // MARK: what is not as it was written

    @Test func contentThatWasExchangedIsRefusedAndTheServerGoesOn() async throws {
        try await EncryptedData.run { data in
            let notes = Notes()
            try await Self.serve(data, try await data.open(), logger: notes.logger) { serving in
                let (a, b) = (try await Self.upload(serving, Self.lines), try await Self.upload(serving, "{}"))
                func replace(by bytes: Data) throws { try bytes.write(to: data.file("files/\(b)/content")) }
                let exchanged = try Data(contentsOf: data.file("files/\(a)/content"))
                var damaged = try Data(contentsOf: data.file("files/\(b)/content"))
                damaged[damaged.count - 1] ^= 1
                for (bytes, problem) in [
                    (exchanged, "somebody has exchanged"), (damaged, "damaged"), (damaged.prefix(150), "cut off"),
                    (Data("{}".utf8), "not a file that Hadal encrypted"),
                ] {
                    try replace(by: bytes)
                    let answer = try await Self.content(serving, b)
                    #expect(answer.status == 500 && answer.errorCode == "file_unreadable", "\(answer.body)")
                    #expect(answer.body.contains(b) && !answer.body.contains(data.url.path))
                    #expect(notes.contains(problem, b), "\(problem)")
                }
                let batch = try await Self.batch(serving, b)
                #expect(batch["errors"]?["data"]?[0]?["code"] == "invalid_file", "\(batch)")
                #expect(try await Self.content(serving, a).body == Self.lines)
            }
        }
    }

    @Test func descriptionsThatWereExchangedAreNamedAndLeftWhereTheyAre() async throws {
        try await EncryptedData.run { data in
            let made = Made()
            try await Self.serve(data, try await data.open()) { serving in
                for content in ["{}", Self.lines] { await made.add(try await Self.upload(serving, content), .null) }
                #expect(try await Self.send(serving, .POST, "/api/create", Self.variant).status == 200)
            }
            let (a, b) = (await made.all[0].file, await made.all[1].file)
            func copy(_ from: String, _ to: String) throws {
                try Data(contentsOf: data.file(from)).write(to: data.file(to))
            }
            try copy("files/\(a)/file.json", "files/\(b)/file.json")
            try copy("variants/dry.json", "variants/wet.json")
            let notes = Notes()
            try await Self.serve(data, try await data.open(), logger: notes.logger) { serving in
                let (whole, exchanged) = (try await Self.content(serving, a), try await Self.content(serving, b))
                #expect(whole.body == "{}" && exchanged.status == 404)
                #expect(try await Self.send(serving, .POST, "/api/show", #"{"model":"wet"}"#).status == 404)
                #expect(try await Self.send(serving, .POST, "/api/show", #"{"model":"dry"}"#).status == 200)
            }
            for name in ["\(b)/file.json", "wet.json"] {
                #expect(notes.contains(name, "left out"))
            }
            #expect(FileManager.default.fileExists(atPath: data.file("files/\(b)/content").path))
        }
    }
}
