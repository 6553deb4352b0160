import Foundation
import HadalJSON
import Subprocess
import TestSupport
import Testing

/// The real program's commands over the audit trail that a real server has left, with the built-in model.
@Suite(.serialized, .timeLimit(.minutes(15))) struct AuditCommandTests {
    private static let guide = SharedData.repository.appendingPathComponent("Guide/guide.gguf").path

    private struct Site: Sendable {
        let directory: TemporaryDirectory
        let options: [String]

        init(_ record: String = "{input: full, output: full, durable: true}") throws {
            directory = try TemporaryDirectory()
            let config = try directory.write("content: {record: \(record)}\n".utf8, "hadal.yaml")
            options = ["--config", config, "--data", directory.file("data")]
        }

        func audit(_ arguments: [String]) async throws -> (status: TerminationStatus, output: String, errors: String) {
            try await HadalProcess.run(["audit"] + arguments + options)
        }

        func json(_ arguments: [String]) async throws -> JSON {
            let result = try await audit(arguments + ["--json"])
            #expect(result.status == .exited(0), "\(arguments): \(result.errors)")
            return try JSON(parsing: result.output)
        }

        /// Serves the guide until it has answered.
        /// - Returns: the answer's id.
        func ask(_ question: String = "How do I change the port?", _ members: String = "") async throws -> String {
            try await HadalProcess.serve(options) { hadal in
                let answer = try await hadal.serving.post(
                    "/v1/chat/completions",
                    #"{"model":"guide","max_tokens":24,"messages":[{"role":"user","content":"\#(question)"}]\#(members)}"#
                )
                #expect(answer.status == 200, "\(answer.body)")
                return answer.json["id"]?.string ?? ""
            }.value
        }
    }

    @Test func aRecordedAnswerIsReplayedToTheSameTokens() async throws {
        let site = try Site()
        // Sampled, with a seed that the server draws.
        let id = try await site.ask("How do I change the port?", #","temperature":1"#)
        let replayed = try await site.audit(["replay", id])
        #expect(replayed.status == .exited(0), "\(replayed.errors)")
        #expect(replayed.output.firstMatch(of: /^identical: \d+ tokens\n$/) != nil, "\(replayed.output)")
        let json = try await site.json(["replay", id])
        #expect(json["result"] == "identical" && json["same_model"] == true)
        #expect(json["tokens"]?.int ?? 0 > 0)
        // Under another name it is the same model.
        let copy = site.directory.file("other.gguf")
        try FileManager.default.copyItem(atPath: Self.guide, toPath: copy)
        #expect(try await site.audit(["replay", id, "--model", copy]).status == .exited(0))
        // It read what somebody wrote: that is an act.
        let acts = try await site.json(["list"]).array ?? []
        #expect(acts.count { $0["action"] == "audit.replay" } == 3)
    }

    @Test func aModelWithATurnedBitIsNotTheRecordedOne() async throws {
        let site = try Site()
        let id = try await site.ask()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: Self.guide))
        bytes[bytes.count - 1000] ^= 1
        let changed = try site.directory.write(bytes, "guide.gguf")
        let result = try await site.audit(["replay", id, "--model", changed])
        #expect(result.status == .exited(1))
        #expect(result.errors.contains("the model is another: recorded "), "\(result.errors)")
        let digests = try await [Self.guide, changed].asyncMap { path in
            let shown = try await HadalProcess.run(["inspect", path, "--checksums", "--json"])
            return try JSON(parsing: shown.output)["digest"]?.string ?? ""
        }
        #expect(result.errors.contains("recorded \(digests[0]), now \(digests[1])"), "\(result.errors)")
    }

    @Test func whatWasNotKeptIsRefusedWithTheReason() async throws {
        let site = try Site("{input: hash, output: full, durable: true}")
        let id = try await site.ask()
        let result = try await site.audit(["replay", id])
        #expect(result.status == .exited(1) && result.errors.contains("as a hash only"), "\(result.errors)")
        #expect(try await site.audit(["replay", "chatcmpl-none"]).errors.contains("hadal audit search"))
    }

    @Test func recordsAreFoundAndShown() async throws {
        let site = try Site()
        let id = try await site.ask("Is a quagga a zebra?")
        let found = try await site.json(["search", "--kind", "request", "--model", "guide"]).array ?? []
        #expect(found.count == 1 && found.first?["request_id"]?.string == id)
        #expect(try await site.json(["search", "--request", id, "--outcome", "failed"]) == [])
        #expect(try await site.json(["search", "--to", "2020-01-01T00:00:00Z"]) == [])
        #expect(try await site.json(["search", "--limit", "1"]).array?.count == 1)
        let listed = try await site.audit(["search", "--kind", "request"])
        #expect(listed.output.contains(id) && listed.output.contains("guide"))

        let number = try #require(found.first?["seq"]?.int)
        let shown = try await site.json(["show", "\(number)"])
        #expect(shown[0]?["request_id"]?.string == id && shown[0]?["input"]?["text"] == .none)
        #expect(try await !site.audit(["show", id]).output.contains("quagga"))
        let texts = try await site.json(["show", id, "--texts"])
        #expect(texts[0]?["input"]?["text"]?["question"]?.text.contains("quagga") == true)
        #expect(texts[0]?["output"]?["text"]?["tokens"]?.array?.isEmpty == false)
        #expect(try await site.audit(["show", id, "--texts"]).output.contains("quagga"))
        let acts = try await site.json(["list"]).array ?? []
        #expect(acts.count { $0["action"] == "audit.readText" && $0["target"]?.string == "record:\(number)" } == 2)
    }

    @Test(arguments: ["jsonl", "cef", "syslog", "elasticsearch"])
    func recordsAreExportedForOtherSystems(format: String) async throws {
        let site = try Site()
        let id = try await site.ask("Is a quagga a zebra?")
        let file = site.directory.file("out")
        let arguments = ["export", "--format", format, "--kind", "request", "--output", file]
        let result = try await site.audit(arguments)
        #expect(result.status == .exited(0) && result.output.isEmpty, "\(result.errors)")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        #expect(text.contains(id) && !text.contains("quagga"))
        #expect(text.split(separator: "\n").count == (format == "elasticsearch" ? 2 : 1))
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // A file that is there is not overwritten.
        let again = try await site.audit(arguments)
        #expect(again.status == .exited(1) && again.errors.contains(file), "\(again.errors)")
        let acts = try await site.json(["list"]).array ?? []
        let exports = acts.filter { $0["action"] == "audit.export" }
        #expect(exports.count == 1 && exports.first?["details"]?["format"]?.string == format)
    }

    @Test func verificationGivesAnAnchorAndFindsWhatWasChanged() async throws {
        let site = try Site()
        _ = try await site.ask()
        let report = try await site.json(["verify"])
        #expect(report["valid"] == true && report["findings"] == [])
        let anchor = try #require(report["anchor"]?.string)
        let root = try #require(report["root_key"]?.string)
        let text = try await site.audit(["verify", "--root-key", root, "--anchor", anchor])
        #expect(text.status == .exited(0) && text.output.contains(anchor), "\(text.errors)\(text.output)")
        let status = try await site.json(["status"])
        #expect(status["anchor"]?.string == anchor && status["being_written"] == false)
        #expect(try await site.audit(["verify", "--anchor", "1:x"]).status == .exited(2))
        let other = try await site.audit(["verify", "--root-key", String(repeating: "0", count: 32)])
        #expect(other.status == .exited(1) && other.output.contains("key: "), "\(other.output)")

        let folder = site.directory.file("data/audit")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let name = try #require(names.first { $0.hasSuffix(".audit") })
        let segment = URL(fileURLWithPath: folder + "/" + name)
        var bytes = try Data(contentsOf: segment)
        let place = try #require(bytes.range(of: Data("/v1/chat/completions".utf8)))
        bytes[place.lowerBound] ^= 1
        try bytes.write(to: segment)
        let invalid = try await site.audit(["verify"])
        #expect(invalid.status == .exited(1) && invalid.output.contains("changed: segment"), "\(invalid.output)")
        #expect(invalid.output.contains("INVALID") && !invalid.output.contains("anchor  "))
        let json = try await site.audit(["verify", "--json"])
        let findings = try JSON(parsing: json.output)
        #expect(json.status == .exited(1) && findings["valid"] == false)
        #expect(findings["findings"]?[0]?["kind"] == "changed")
    }

    @Test func whereThereIsNoTrailThatIsSaid() async throws {
        let site = try Site()
        let commands = ["search", "show 1", "verify", "status", "replay 1", "export --format cef"]
        for command in commands {
            let result = try await site.audit(command.split(separator: " ").map(String.init))
            let isTold = result.errors.contains("there is no audit trail")
            #expect(result.status == .exited(1) && isTold, "\(command): \(result.errors)")
        }
        // Acts are elsewhere.
        #expect(try await site.audit([]).status == .exited(0))
        #expect(try await site.audit(["export"]).status == .exited(0))
        #expect(try await site.audit(["export", "--model", "guide"]).status == .exited(2))
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
