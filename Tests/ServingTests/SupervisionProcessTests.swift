import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import HadalAccess

/// Workers that are killed, that stop answering, that nobody uses and that are replaced: the real program, real signals.
@Suite(.serialized, .timeLimit(.minutes(15))) struct SupervisionProcessTests {
    private static let story =
        #"{"model":"guide","prompt":"A long story: ","max_tokens":1200,"stream":true,"ignore_eos":true,"seed":7}"#

    /// Serves the built-in model as a configuration says.
    /// - Parameters:
    ///   - model: members of its entry.
    ///   - more: lines of the file.
    private static func serve<Value: Sendable>(
        model: String = "", _ more: String = "",
        _ body: @escaping @Sendable (HadalProcess, TemporaryDirectory) async throws -> Value
    ) async throws -> (value: Value, status: TerminationStatus) {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "hadal.yaml")
        let model = model.isEmpty ? "" : ", " + model
        try Data("models: [{name: guide, model: guide\(model)}]\n\(more)".utf8).write(to: file)
        return try await HadalProcess.serve(["--config", file.path, "--data", directory.url.path]) { hadal in
            try await body(hadal, directory)
        }
    }

    private static func crashes(_ directory: TemporaryDirectory) async throws -> [JSON] {
        let listed = try await HadalProcess.run(["workers", "crashes", "--json", "--data", directory.url.path])
        #expect(listed.status == .exited(0), "\(listed.errors)")
        return try JSON(parsing: listed.output).array ?? []
    }

    /// A worker's requests, as its server's address has them.
    private static func begin(_ hadal: HadalProcess, _ body: String) async throws -> (RawConnection, id: String) {
        let connection = try RawConnection(port: hadal.port)
        await connection.send(
            "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
        let text = await connection.read(until: #""id":"cmpl-"#) + (await connection.read(until: ","))
        let id = try #require(text.firstMatch(of: /"id":"(cmpl-[^"]+)"/)).1
        return (connection, String(id))
    }

    @Test func aKilledWorkerLeavesAReport() async throws {
        let outcome = try await Self.serve { hadal, directory in
            let (connection, id) = try await Self.begin(hadal, Self.story)
            let worker = try #require(hadal.workers.first)
            kill(worker, SIGKILL)
            #expect(await connection.read().contains(#""finish_reason":"length""#))
            #expect(try await becomes { try await !Self.crashes(directory).isEmpty })
            let report = try #require(try await Self.crashes(directory).first)
            #expect(report["model"] == "guide" && report["reason"] == "crashed" && report["signal"] == 9)
            #expect(report["pid"]?.int == Int(worker) && report["exit_code"] == nil)
            #expect(report["requests"]?.array == [.string(id)])
            #expect(try #require(report["memory_bytes"]?.int) > 1 << 20)
            #expect(try #require(report["peak_memory_bytes"]?.int) >= #require(report["memory_bytes"]?.int))
            #expect(try #require(report["uptime_seconds"]?.double) > 0)
            let name = try #require(report["name"]?.string)
            let shown = try await HadalProcess.run(["workers", "crashes", "show", name, "--data", directory.url.path])
            #expect(shown.status == .exited(0) && shown.output.contains("signal 9") && shown.output.contains(id))
            let missing = try await HadalProcess.run(
                ["workers", "crashes", "show", "../hadal", "--data", directory.url.path])
            #expect(missing.status == .exited(1) && missing.errors.contains("there is no crash report"))
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aWorkerThatDoesNotAnswerIsReplaced() async throws {
        let outcome = try await Self.serve("workers: {unresponsive: 1s}\n") { hadal, directory in
            let (connection, id) = try await Self.begin(hadal, Self.story)
            let worker = try #require(hadal.workers.first)
            kill(worker, SIGSTOP)
            #expect(await ProcessEnd.wait(worker))
            #expect(await connection.read().contains(#""finish_reason":"length""#))
            #expect(try await becomes { try await !Self.crashes(directory).isEmpty })
            let report = try #require(try await Self.crashes(directory).first)
            #expect(report["reason"] == "unresponsive" && report["signal"] == 9)
            #expect(report["requests"]?.array == [.string(id)])
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aWorkerThatComputesAnswersHowItIs() async throws {
        let outcome = try await Self.serve("workers: {unresponsive: 4s}\n") { hadal, directory in
            let worker = try #require(hadal.workers.first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        let answer = try await hadal.serving.post("/v1/completions", Self.story)
                        #expect(answer.events.last == "[DONE]")
                    }
                }
                try await group.waitForAll()
            }
            #expect(hadal.workers == [worker])
            #expect(try await Self.crashes(directory).isEmpty)
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aModelThatNeedsMoreThanItsLimitIsNotServed() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.url.appending(path: "hadal.yaml")
        try Data("models: [{name: guide, model: guide, memory_limit: 1MiB}]\n".utf8).write(to: file)
        let outcome = try await HadalProcess.run(
            ["serve", "--listen", "127.0.0.1:0", "--config", file.path, "--data", directory.url.path])
        #expect(outcome.status == .exited(1))
        #expect(outcome.errors.contains("memory_limit of 1048576 bytes"), "\(outcome.errors)")
    }

    @Test func anUnusedModelIsUnloadedAndLoadedOnDemand() async throws {
        let outcome = try await Self.serve(model: "idle_unload: 1s") { hadal, directory in
            let body = #"{"model":"guide","prompt":"a","max_tokens":8,"temperature":0}"#
            let before = try await hadal.serving.post("/v1/completions", body)
            #expect(before.status == 200)
            for _ in 0..<2 {
                #expect(await becomes { hadal.workers.isEmpty })
                let ready = try await hadal.serving.get("/health/ready")
                #expect(ready.status == 200 && ready.json["models"]?["guide"] == "unloaded", "\(ready.body)")
                let models = try await hadal.serving.get("/v1/models")
                #expect(models.json["data"]?[0]?["id"] == "guide")
                #expect(models.json["data"]?[0]?["max_model_len"]?.int != nil)
                // All of them wait for the same worker.
                let answers = try await withThrowingTaskGroup(of: Serving.Answer.self) { group in
                    for _ in 0..<4 { group.addTask { try await hadal.serving.post("/v1/completions", body) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                for answer in answers {
                    #expect(answer.status == 200, "\(answer.body)")
                    #expect(answer.json["choices"] == before.json["choices"])
                }
            }
            #expect(try await Self.crashes(directory).isEmpty)
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aModelInUseIsNotUnloaded() async throws {
        let outcome = try await Self.serve(model: "idle_unload: 1s") { hadal, _ in
            let (connection, _) = try await Self.begin(hadal, Self.story)
            let worker = try #require(hadal.workers.first)
            #expect(await connection.read().contains(#""finish_reason":"length""#))
            // The same one has answered to the end, however long that took.
            #expect(hadal.workers == [worker] || hadal.workers.isEmpty)
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aWorkerKeepsToItsProcessors() async throws {
        let outcome = try await Self.serve(model: #"cpus: "0""#) { hadal, _ in
            let worker = try #require(hadal.workers.first)
            let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(worker)/task")
            #expect(!threads.isEmpty)
            for thread in threads {
                let status = try? String(contentsOfFile: "/proc/\(worker)/task/\(thread)/status", encoding: .utf8)
                // A thread may have ended since.
                guard let status else { continue }
                #expect(status.contains("Cpus_allowed_list:\t0\n"))
            }
            let answer = try await hadal.serving.post(hadal.example.path, hadal.example.body)
            #expect(answer.status == 200)
        }
        #expect(outcome.status == .exited(0))
        let wrong = try await HadalProcess.run(
            ["worker", "guide", "--socket", "/tmp/hadal-no-such.sock", "--cpus", "0,8000"])
        #expect(wrong.status == .exited(1) && wrong.errors.contains("there is no processor 8000"), "\(wrong.errors)")
    }
}
