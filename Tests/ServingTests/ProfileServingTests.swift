import Foundation
import HadalGateway
import HadalJSON
import HadalUpstreams
import HadalWire
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import HadalAccess

/// Workers that are looked at while they serve: `/admin/v1/workers/NAME/profile` and `hadal profile`.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ProfileServingTests {
    private static func profile(
        _ serving: Serving, _ worker: String = "guide", _ query: String = "?seconds=1&roofline=false"
    ) async throws -> Serving.Answer {
        try await GuardedServing.send(serving, .POST, "/admin/v1/workers/\(worker)/profile\(query)")
    }

    private static func write(_ serving: Serving) async throws -> String {
        let body: JSON = [
            "model": "guide", "prompt": "Once", "max_tokens": 200, "ignore_eos": true, "seed": 1, "logprobs": 1,
        ]
        let answer = try await GuardedServing.send(serving, .POST, "/v1/completions", body)
        #expect(answer.status == 200, "\(answer.body)")
        return answer.json["choices"]?.text ?? ""
    }

    /// Answers one request after the other as long as `body` takes, and expects always the same answer.
    private static func writing<Value>(
        _ serving: Serving, _ body: () async throws -> Value
    ) async throws -> Value {
        let expected = try await write(serving)
        let writer = Task {
            while !Task.isCancelled {
                if let again = try? await write(serving) { #expect(again == expected) }
            }
        }
        defer { writer.cancel() }
        return try await body()
    }

    /// What any profile of a worker that answered must tell.
    private static func check(_ json: JSON) throws {
        let profile = try WorkerProfile(json)
        #expect(profile.seconds >= 0.9)
        let decode = try #require(profile.phases.first { $0.name == "decode" }, "\(json.text)")
        #expect(decode.steps > 0 && decode.answerRows >= decode.steps)
        let names = Set(decode.operations.map(\.name))
        #expect(names.isSuperset(of: ["embedding", "norm", "attention", "LM head", "sampling", "detokenize, send"]))
        let head = try #require(decode.operations.first { $0.name == "LM head" })
        #expect(head.calls == decode.steps && head.bytes > 0 && head.operations > 0)
        for phase in profile.phases {
            #expect(phase.operations.reduce(0) { $0 + $1.seconds } <= phase.seconds + 1e-6)
        }
        #expect(profile.memory.weights ?? 0 > 0 && profile.memory.resident ?? 0 > 0)
        #expect(profile.memory.cacheReserved ?? 0 >= profile.memory.cacheUsed ?? 0)
        #expect(profile.threads.contains { $0.processorSeconds > 0 })
    }

    @Test func aWorkerIsLookedAtWhileItAnswers() async throws {
        let directory = try TemporaryDirectory()
        let outcome = try await HadalProcess.serve(["guide", "--data", directory.path]) { hadal in
            let serving = hadal.serving
            let answer = try await Self.writing(serving) { try await Self.profile(serving) }
            #expect(answer.status == 200, "\(answer.body)")
            try Self.check(answer.json)
            #expect(answer.json["roofline"] == nil)
            let acts = try AuditLog(data: directory.url).events(tenant: nil).map(\.event)
            #expect(acts.contains { $0.action == "workers.profile" && $0.target == "guide" && $0.outcome == .done })

            // The only worker, with the machine's limits.
            let file = directory.url.appending(path: "profile.svg")
            let json = try await Self.writing(serving) {
                try await serving.hadalJSON(["profile", "--for", "1s", "--svg", file.path])
            }
            try Self.check(json)
            #expect(try #require(json["roofline"]?["readBytesPerSecond"]?.double) > 0)
            let image = try String(contentsOf: file, encoding: .utf8)
            #expect(image.hasPrefix("<svg ") && image.contains("<title>decode › "))
            let table = try await Self.writing(serving) {
                try await serving.hadal(["profile", "guide", "--for", "1s", "--no-roofline"])
            }
            #expect(table.hasPrefix("guide: ") && table.contains("limits of the machine: not measured"), "\(table)")
            #expect(
                table.firstMatch(of: try Regex("decode +attention +[0-9]+ ")) != nil && table.contains("THREADS"),
                "\(table)")
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func whatCannotBeLookedAtIsRefused() async throws {
        let directory = try TemporaryDirectory()
        let outcome = try await HadalProcess.serve(["guide", "--data", directory.path]) { hadal in
            let serving = hadal.serving
            let unknown = try await Self.profile(serving, "other")
            #expect(unknown.status == 404 && unknown.body.contains("guide"), "\(unknown.body)")
            for query in ["?seconds=0", "?seconds=301", "?seconds=x", "?roofline=maybe", "?more=1"] {
                #expect(try await Self.profile(serving, "guide", query).status == 400, "\(query)")
            }
            let command = try await HadalProcess.run(["profile", "other", "--url", serving.base])
            #expect(command.status == .exited(1) && command.errors.contains("there is guide"), "\(command.errors)")

            // One at a time, and one that nobody waits for any more ends.
            let long = Task {
                // Until none of the short ones is in its way.
                while try await Self.profile(serving, "guide", "?seconds=300&roofline=false").status == 409 {}
            }
            #expect(
                try await becomes { try await Self.profile(serving).status == 409 }, "the long one has it by then")
            long.cancel()
            _ = try? await long.value
            #expect(try await becomes { try await Self.profile(serving).status == 200 })
        }
        #expect(outcome.status == .exited(0))
        for arguments in [
            ["--for", "0s"], ["--for", "6m"], ["r1", "--model", "guide"], ["--model", "guide", "--batch", "0"],
        ] {
            let wrong = try await HadalProcess.run(["profile"] + arguments)
            #expect(wrong.status == .exited(2), "\(arguments): \(wrong.errors)")
        }
    }

    @Test func whoMayNotChangeAWorkerDoesNotLookIntoIt() async throws {
        try await GuardedServing.run { guarded in
            for role in ["user", "auditor"] {
                let key = try guarded.key([role]).secret
                #expect(try await guarded.admin(.POST, "workers/scripted/profile?seconds=1", key: key).status == 403)
            }
            // Its backend is no engine.
            let key = try guarded.key(["operator"]).secret
            let answer = try await guarded.admin(.POST, "workers/scripted/profile?seconds=1", key: key)
            #expect(answer.status == 400 && answer.errorCode == "unsupported", "\(answer.body)")
        }
    }

    @Test func anotherServersWorkerIsNotOurs() async throws {
        try await Serving.run { theirs in
            try await GuardedServing.run(configure: { configuration in
                let url = URL(string: theirs.base + "/v1")!
                configuration.models = [
                    ServedModel(upstream: UpstreamSettings(name: "ours", base: url, model: "scripted"))
                ]
                configuration.workerWait = .seconds(30)
            }) { guarded in
                let answer = try await guarded.admin(.POST, "workers/ours/profile?seconds=1")
                #expect(answer.status == 409 && answer.errorCode == "not_ours", "\(answer.body)")
            }
        }
    }

    @Test func aModelIsLookedAtWithoutAServer() async throws {
        let result = try await HadalProcess.run([
            "profile", "--model", "guide", "--prompt-tokens", "40", "--tokens", "8", "--batch", "2", "--no-roofline",
            "--json",
        ])
        #expect(result.status == .exited(0), "\(result.errors)")
        let profile = try WorkerProfile(try JSON(parsing: result.output.trimmingCharacters(in: .newlines)))
        #expect(profile.phases.first { $0.name == "decode" }?.answerRows == 16)
        #expect(profile.phases.first { $0.name == "prefill" }?.promptRows == 80)
    }
}
