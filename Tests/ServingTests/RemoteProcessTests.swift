import Foundation
import HadalCertificates
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The real program on both sides: `hadal worker --listen` and `hadal serve NAME=https://…`.
@Suite(.serialized, .timeLimit(.minutes(15))) struct RemoteProcessTests {
    private static func question(_ model: String, _ members: String) -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"How do I serve a model?"}],"max_tokens":24,"logprobs":true,"top_logprobs":3\#(members)}"#
    }

    @Test func aModelOnAnotherMachineAnswersBitForBitAsHere() async throws {
        let site = try WorkerSite()
        let outcome = try await WorkerProcess.run(site) { worker in
            let arguments = ["guide", "far=https://127.0.0.1:\(worker.port)", "--data", site.data]
            return try await HadalProcess.serve(arguments) { hadal in
                for members in [#","temperature":0"#, #","temperature":1,"seed":7"#] {
                    let (near, far) = (
                        try await hadal.serving.post("/v1/chat/completions", Self.question("guide", members)),
                        try await hadal.serving.post("/v1/chat/completions", Self.question("far", members))
                    )
                    #expect(near.status == 200 && far.status == 200, "\(far.body)")
                    #expect(near.json["choices"] != nil && near.json["choices"] == far.json["choices"])
                    #expect(near.json["system_fingerprint"] == far.json["system_fingerprint"])
                }
                // The gateway started one of them only.
                #expect(hadal.workers.count == 1)
            }.status
        }
        #expect(outcome.value == .exited(0) && outcome.status == .exited(0))
    }

    /// Streams of a worker that is killed in their midst.
    private static func killed(
        _ worker: WorkerProcess, _ site: WorkerSite, _ further: [String],
        _ body: @escaping @Sendable (HadalProcess, [RawConnection], Serving.Answer) async throws -> Void
    ) async throws -> TerminationStatus {
        let arguments = ["far=https://127.0.0.1:\(worker.port)", "--data", site.data] + further
        return try await HadalProcess.serve(arguments) { hadal in
            let before = try await hadal.serving.post("/v1/chat/completions", deterministic)
            #expect(before.status == 200)
            let connections = try (0..<4).map { _ in try RawConnection(port: hadal.port) }
            let text = #"{"model":"far","prompt":"a","max_tokens":900,"stream":true,"ignore_eos":true,"temperature":1}"#
            for connection in connections {
                await connection.send(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
                )
            }
            for connection in connections {
                let first = await connection.read(until: "data: ")
                #expect(first.contains("data: "), "\(first)")
            }
            kill(worker.process, SIGKILL)
            #expect(try await becomes { try await hadal.serving.get("/health/ready").status == 503 })
            #expect(try await hadal.serving.get("/health/live").status == 200)
            try await body(hadal, connections, before)
        }.status
    }

    private static let deterministic = question("far", #","temperature":0"#)

    @Test func aKilledWorkersStreamsGoOnWithTheNextOne() async throws {
        let site = try WorkerSite()
        let outcome = try await WorkerProcess.run(site) { worker in
            try await Self.killed(worker, site, []) { hadal, connections, before in
                // Who comes meanwhile waits.
                let waiting = Task { try await hadal.serving.post("/v1/chat/completions", Self.deterministic) }
                _ = try await WorkerProcess.run(site, port: worker.port) { _ in
                    for connection in connections {
                        let rest = await connection.read()
                        #expect(rest.contains(#""finish_reason":"length""#), "\(rest.suffix(300))")
                    }
                    let late = try await waiting.value
                    #expect(late.json["choices"] == before.json["choices"])
                }
            }
        }
        #expect(outcome.value == .exited(0) && outcome.status == .signaled(SIGKILL))
    }

    @Test func whoIsNotToWaitIsToldAtOnce() async throws {
        let site = try WorkerSite()
        let directory = try TemporaryDirectory()
        let file = directory.file("hadal.yaml")
        try Data("workers: {wait: 0s}\n".utf8).write(to: URL(fileURLWithPath: file))
        let outcome = try await WorkerProcess.run(site) { worker in
            try await Self.killed(worker, site, ["--config", file]) { hadal, connections, before in
                for connection in connections {
                    let rest = await connection.read()
                    #expect(rest.contains(#""code":"worker_lost""#), "\(rest.suffix(300))")
                }
                let away = try await hadal.serving.post("/v1/chat/completions", Self.deterministic)
                #expect(away.status == 503 && away.errorCode == "model_not_ready")
                _ = try await WorkerProcess.run(site, port: worker.port) { _ in
                    #expect(try await becomes { try await hadal.serving.get("/health/ready").status == 200 })
                    let after = try await hadal.serving.post("/v1/chat/completions", Self.deterministic)
                    #expect(after.json["choices"] == before.json["choices"])
                }
            }
        }
        #expect(outcome.value == .exited(0) && outcome.status == .signaled(SIGKILL))
    }

    @Test func aWorkerDoesNotListenOnAPortWithoutCertificates() async throws {
        let site = try WorkerSite()
        let empty = site.data + "/nothing"
        for (arguments, words) in [
            (["--listen", "127.0.0.1:0"], "--certificates"),
            ([], "--socket"),
            (["--listen", "127.0.0.1:0", "--certificates", site.worker.path, "--supervised"], "--supervised"),
            (["--listen", "127.0.0.1:0", "--tls-certificate", "a.pem"], "--tls-key"),
            (["--socket", empty, "--certificates", site.worker.path], "--listen"),
            (["--listen", "127.0.0.1:0", "--certificates", empty], "hadal certs issue server"),
        ] {
            let outcome = try await HadalProcess.run(["worker", "guide"] + arguments)
            #expect(outcome.status != .exited(0) && outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}

/// `hadal worker guide --listen`, with a site's certificates.
struct WorkerProcess: Sendable {
    let port: Int
    let process: Int32

    /// - Parameter port: 0: any free one.
    static func run<Value: Sendable>(
        _ site: WorkerSite, port: Int = 0, _ body: @escaping @Sendable (WorkerProcess) async throws -> Value
    ) async throws -> (value: Value, status: TerminationStatus) {
        var platform = PlatformOptions()
        platform.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(20))]
        let result = try await Subprocess.run(
            .path(.init(HadalProcess.executable)),
            arguments: ["worker", "guide", "--listen", "127.0.0.1:\(port)", "--certificates", site.worker.path],
            platformOptions: platform, input: .none, output: .sequence, error: .currentStandardError
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            while let line = try await lines.next() {
                guard let match = line.firstMatch(of: /ready on port (\d+)/), let port = Int(match.1) else { continue }
                let value = try await body(WorkerProcess(port: port, process: execution.processIdentifier.value))
                try? execution.send(signal: .terminate)
                while try await lines.next() != nil {}
                return Optional(value)
            }
            return nil
        }
        return (try #require(result.closureResult), result.terminationStatus)
    }
}
