import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import Testing

/// The real program over a data directory that is encrypted: how it starts, and what is left when it is killed.
@Suite(.timeLimit(.minutes(15))) struct EncryptedProcessTests {
    private static func start(_ config: String) async throws -> String {
        let result = try await HadalProcess.run(["serve", "--config", config, "--listen", "127.0.0.1:0"])
        #expect(result.status != .exited(0))
        return result.errors
    }

    @Test func withoutItsKeysTheServerDoesNotStart() async throws {
        try await EncryptedData.run { data in
            try data.write(passphrase: "quite another passphrase")
            #expect(try await Self.start(try data.configuration()).contains("wrong passphrase"))
            // Also where nothing new is to be encrypted: what is there might be.
            #expect(try await Self.start(try data.configuration("[]")).contains("wrong passphrase"))
            try FileManager.default.removeItem(at: data.passphrase)
            #expect(try await Self.start(try data.configuration()).contains(data.passphrase.path))
            try data.write(passphrase: "nobody would think of this one")
            try FileManager.default.removeItem(at: data.file("keys.json"))
            let errors = try await Self.start(try data.configuration())
            #expect(errors.contains("keys.json") && errors.contains("run: hadal secrets init"), "\(errors)")
            #expect(try data.files.map(\.lastPathComponent) == ["master.key"])
        }
    }

    @Test func actsOfCommandsAreSealedAndShownWithTheConfiguration() async throws {
        try await EncryptedData.run { data in
            let config = try data.configuration()
            let made = try await HadalProcess.run(
                ["keys", "create", "--name", "quagga", "--role", "user", "--config", config])
            #expect(made.status == .exited(0), "\(made.errors)")
            let removed = try await HadalProcess.run(["users", "remove", "okapi", "--config", config])
            #expect(removed.status == .exited(1), "\(removed.errors)")
            // access.db has the names of keys in plain.
            #expect(try data.files(with: "okapi") == [])
            #expect(try data.files(with: "quagga").filter { $0.contains("audit") } == [])
            for purposes in ["[audit]", "[]"] {
                let shown = try await HadalProcess.run(["audit", "--config", try data.configuration(purposes)])
                #expect(shown.output.contains("quagga") && shown.output.contains("okapi"), "\(shown.errors)")
            }
            let blind = try await HadalProcess.run(["audit", "--data", data.url.path])
            #expect(blind.status == .exited(1) && blind.errors.contains("--config"), "\(blind.errors)")
        }
    }

    @Test func aBatchGoesOnAfterItsServerWasKilled() async throws {
        try await EncryptedData.run { data in
            let options = ["--config", try data.configuration(), "--data", data.url.path]
            let count = 30
            let lines = (0..<count).map { index in
                let tokens = index < 2 ? 20 : 600
                return
                    #"{"custom_id":"quagga\#(index)","method":"POST","url":"/v1/completions","body":{"model":"guide","prompt":"word \#(index)","max_tokens":\#(tokens),"ignore_eos":true}}"#
            }.joined(separator: "\n")
            let form =
                "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"in\"\r\n\r\n\(lines)\r\n--b--\r\n"
            // One at a time, so that it does not end before this test sees that it began.
            let start = try await HadalProcess.serve(options + ["--batch", "1"]) { hadal -> String in
                let serving = hadal.serving
                let file = try await serving.post("/v1/files", form, type: "multipart/form-data; boundary=b")
                let created = try await serving.post(
                    "/v1/batches",
                    #"{"input_file_id":"\#(file.json["id"]?.string ?? "")","endpoint":"/v1/completions","completion_window":"24h"}"#
                )
                let id = try #require(created.json["id"]?.string, "\(created.body)")
                _ = try await serving.batch(id) { ($0["request_counts"]?["completed"]?.int ?? 0) >= 2 }
                kill(hadal.process, SIGKILL)
                return id
            }
            #expect(try data.files(with: "quagga") == [])
            // What was being written when the power went.
            let part = data.file("batches/\(start.value).output.jsonl")
            let size = try Data(contentsOf: part).count
            let handle = try FileHandle(forWritingTo: part)
            try handle.truncate(atOffset: UInt64(size - 5))
            try handle.close()

            _ = try await HadalProcess.serve(options) { hadal in
                let batch = try await hadal.serving.batch(start.value) { $0["status"] == "completed" }
                #expect(batch["request_counts"]?["completed"]?.int == count)
                let output = try await hadal.serving.get("/v1/files/\(batch["output_file_id"]?.string ?? "")/content")
                let names = output.body.split(separator: "\n").compactMap {
                    (try? JSON(parsing: String($0)))?["custom_id"]?.string
                }
                #expect(Set(names).count == count && names.count == count)
            }
            #expect(try data.files(with: "quagga") == [])
            #expect(!FileManager.default.fileExists(atPath: part.path))
        }
    }
}
