import Foundation
import HadalGateway
import HadalJSON
import HadalSecrets
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The real program with the built-in model's file encrypted.
@Suite(.serialized, .timeLimit(.minutes(15))) struct EncryptedModelTests {
    private static let plain = SharedData.repository.appendingPathComponent("Guide/guide.gguf").path

    /// - Parameter body: gets the data directory, its configuration, and the path of the encrypted model.
    private static func run(
        _ body: (EncryptedData, _ config: String, _ model: String) async throws -> Void
    ) async throws {
        try await EncryptedData.run { data in
            let config = try data.configuration("[conversations]")
            let model = data.url.deletingLastPathComponent().appendingPathComponent("guide.gguf.enc").path
            let made = try await HadalProcess.run(["secrets", "encrypt", plain, model, "--config", config])
            #expect(made.status == .exited(0), "\(made.errors)")
            try await body(data, config, model)
        }
    }

    private static func tokens(_ model: String, _ further: [String] = []) async throws -> [JSON] {
        let prompt = ["--prompt", "How do I change the port?", "--max-tokens", "24", "--temperature", "0", "--json"]
        let result = try await HadalProcess.run(["generate", model] + prompt + further)
        #expect(result.status == .exited(0), "\(result.errors)")
        return try #require(try JSON(parsing: result.output)["tokens"]?.array)
    }

    @Test func itGeneratesTheSameTokens() async throws {
        try await Self.run { _, config, model in
            let expected = try await Self.tokens(Self.plain)
            #expect(!expected.isEmpty)
            #expect(try await Self.tokens(model, ["--config", config]) == expected)
            // What names the key service is asked for only where something is encrypted.
            #expect(try await Self.tokens(Self.plain, ["--config", "/nonexistent.yaml"]) == expected)
            let shown = try await HadalProcess.run(["inspect", model, "--config", config, "--checksums", "--json"])
            let known = try await HadalProcess.run(["inspect", Self.plain, "--checksums", "--json"])
            let sums = try [shown, known].map { try JSON(parsing: $0.output)["files"]?[0]?["sha256"]?.string }
            #expect(sums[0] == sums[1] && sums[0] != nil, "\(shown.errors)")
        }
    }

    @Test func whatIsWrongIsNamed() async throws {
        try await Self.run { data, config, model in
            let none = try await HadalProcess.run(["generate", model])
            #expect(none.status == .exited(1) && none.errors.contains("\(model) is encrypted"), "\(none.errors)")
            #expect(none.errors.contains("no key service is configured") && none.errors.contains("--config"))
            let vars = data.url.deletingLastPathComponent().appendingPathComponent("vars.json")
            try Data("{}".utf8).write(to: vars)
            let commands: [(String, [String])] = [
                ("chat", []), ("perplexity", [config]), ("logits", ["--tokens", "1"]), ("inspect", []),
                ("tokenize", []), ("template", ["--vars", vars.path]), ("embed", []), ("pack", ["/nonexistent/out"]),
            ]
            for (command, further) in commands {
                let result = try await HadalProcess.run([command, model] + further)
                let isTold = result.errors.contains("\(model) is encrypted")
                #expect(result.status == .exited(1) && isTold, "\(command): \(result.errors)")
            }
            let served = try await HadalProcess.run(
                ["serve", model, "--data", data.file("other").path, "--listen", "127.0.0.1:0"])
            #expect(served.status == .exited(1) && served.errors.contains("\(model) is encrypted"), "\(served.errors)")

            // Of another machine.
            try await EncryptedData.run { other in
                let result = try await HadalProcess.run(["generate", model, "--config", try other.configuration()])
                #expect(result.status == .exited(1), "\(result.errors)")
                #expect(result.errors.contains("\(model): its data key"), "\(result.errors)")
                #expect(result.errors.contains("is not in \(other.file("keys.json").path)"), "\(result.errors)")
            }

            // A byte in the middle: chunk 20 of 64 KiB and their tags.
            var bytes = try Data(contentsOf: URL(fileURLWithPath: model))
            let header = Int(bytes[10]) + Int(bytes[11]) << 8
            let chunk = header + 20 * (65536 + 16)
            bytes[chunk + 1000] ^= 1
            try bytes.write(to: URL(fileURLWithPath: model))
            for command in ["generate", "inspect"] {
                let result = try await HadalProcess.run([command, model, "--config", config])
                #expect(result.status == .exited(1), "\(result.errors)")
                #expect(result.errors.contains("\(model): damaged at byte \(chunk) (chunk 20)"), "\(result.errors)")
            }
            let worker = try await HadalProcess.run(["serve", model, "--config", config, "--listen", "127.0.0.1:0"])
            #expect(worker.status == .exited(1) && worker.errors.contains("damaged at byte \(chunk)"))
        }
    }

    /// One answer of a server, with how much of its prompt was cached and read from the disk.
    private struct Answered: Sendable {
        var choices: JSON?
        var cached: Int64
        var read: Int64
    }

    private static func serve(
        _ arguments: [String], _ further: @escaping @Sendable (HadalProcess) async throws -> Void = { _ in }
    ) async throws -> Answered {
        let words = String(repeating: "Where does Hadal keep its files? ", count: 40)
        let outcome = try await HadalProcess.serve(arguments + ["--kv-cache", "64MiB", "--batch", "2"]) { hadal in
            let body = #"{"model":"guide","prompt":"\#(words)","temperature":0,"max_tokens":16,"logprobs":1}"#
            let answer = try await hadal.serving.post("/v1/completions", body)
            #expect(answer.status == 200, "\(answer.body)")
            let ready = try await hadal.serving.get("/health/ready")
            try await further(hadal)
            return Answered(
                choices: answer.json["choices"],
                cached: Int64(answer.json["usage"]?["prompt_tokens_details"]?["cached_tokens"]?.int ?? -1),
                read: Int64(ready.json["engines"]?["guide"]?["stored_blocks_read"]?.int ?? -1))
        }
        #expect(outcome.status == .exited(0))
        return outcome.value
    }

    /// All of it: the kernel gives a page at a time, and Foundation stops at the first.
    private static func kernelFile(_ path: String) throws -> Data {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        var data = Data()
        while let piece = try file.read(upToCount: 1 << 16), !piece.isEmpty { data += piece }
        return data
    }

    @Test func itIsServedAndTheKeysShowNowhere() async throws {
        try await Self.run { data, config, model in
            let expected = try await Self.serve([Self.plain])
            let service = try PassphraseKeyService.open(
                path: KeyServiceSettings.masterKeyFile(in: data.url.path),
                passphrase: try SecretPlace.file(data.passphrase.path).read())
            let keys = try await DataKeys.open(in: data.url.path, service: service)
            let line = try JSON(parsing: try WorkerKeys(keys, sealsPrefixes: true).line)
            let secrets = [line["prefixes"]?.string, line["models"]?[0]?["key"]?.string].compactMap { $0 }
            try #require(secrets.count == 2)
            let answer = try await Self.serve([model, "--data", data.url.path, "--config", config]) { hadal in
                let worker = try #require(hadal.workers.first)
                for process in [hadal.process, worker] {
                    for file in ["cmdline", "environ"] {
                        let shown = try Self.kernelFile("/proc/\(process)/\(file)")
                        for secret in secrets { #expect(shown.range(of: Data(secret.utf8)) == nil) }
                    }
                    let line = try Self.kernelFile("/proc/\(process)/cmdline")
                    #expect((line.range(of: Data("--keys-on-stdin".utf8)) != nil) == (process == worker))
                }
            }
            #expect(answer.choices == expected.choices && answer.choices != nil)
        }
    }

    @Test func prefixesOnDiskAreSealedAndUsedAgain() async throws {
        try await Self.run { data, config, model in
            let cache = data.url.deletingLastPathComponent().appendingPathComponent("prefixes")
            func file() throws -> Data {
                let names = try FileManager.default.contentsOfDirectory(atPath: cache.path)
                try #require(names.count == 1)
                return try Data(contentsOf: cache.appendingPathComponent(names[0]))
            }
            /// Pieces of 16 bytes that say something.
            func pieces(_ data: Data) -> Set<Data> {
                let all = stride(from: 0, to: data.count - 15, by: 16).map { data.subdata(in: $0..<$0 + 16) }
                return Set(all.filter { !$0.starts(with: "HADAL".utf8) && Set($0).count > 2 })
            }
            let arguments = [model, "--data", data.url.path, "--config", config, "--prefix-cache-dir", cache.path]
            _ = try data.configuration("[]")
            let plain = try await Self.serve(arguments)
            let known = pieces(try file())
            #expect(known.count > 1000 && plain.cached == 0)
            _ = try data.configuration("[conversations]")
            // What was plain is not read, and gone.
            let first = try await Self.serve(arguments)
            #expect(first.cached == 0 && first.read == 0)
            #expect(known.isDisjoint(with: pieces(try file())))
            let second = try await Self.serve(arguments)
            #expect(second.cached > 64 && second.read > 0)
            // Other keys: cold, not wrong.
            let renewed = try await HadalProcess.run(["secrets", "rotate", "--data-keys", "--config", config])
            #expect(renewed.status == .exited(0), "\(renewed.errors)")
            let third = try await Self.serve(arguments)
            #expect(third.cached == 0 && third.read == 0)
            for answer in [first, second, third] { #expect(answer.choices == plain.choices) }
        }
    }

    @Test func aWorkerStartedByHandAsksTheKeyService() async throws {
        try await Self.run { data, config, model in
            let socket = data.url.deletingLastPathComponent().appendingPathComponent("w.sock").path
            let result = try await Subprocess.run(
                .path(.init(HadalProcess.executable)),
                arguments: .init(["worker", model, "--socket", socket, "--config", config]),
                environment: .inherit.updating(["HADAL_CONFIG": "", "HADAL_DATA": ""]),
                input: .none, output: .sequence, error: .string(limit: 1 << 20)
            ) { execution in
                for try await line in execution.standardOutput.strings() where line == "ready" {
                    try execution.send(signal: .terminate)
                    return true
                }
                return false
            }
            #expect(result.closureResult, "\(result.standardError)")
        }
    }
}
