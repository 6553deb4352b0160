import Foundation
import HadalJSON
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// Releases by the real program, with workers that it starts, and its commands.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReleaseProcessTests {
    private static let question = #"{"model":"chat","prompt":"a","max_tokens":4,"temperature":0}"#

    private static func hadal(_ server: HadalProcess, _ arguments: String...) async throws -> String {
        let result = try await HadalProcess.run(arguments + ["--url", server.serving.base])
        try #require(result.status == .exited(0), "\(arguments): \(result.errors)")
        return result.output
    }

    private static func deployment(_ server: HadalProcess) async throws -> JSON {
        try JSON(parsing: try await hadal(server, "deployments", "show", "chat", "--json"))
    }

    private static func isUp(_ server: HadalProcess, _ count: Int) async throws -> Bool {
        let workers = try await server.serving.get("/admin/v1/workers").json["data"]?.array ?? []
        return workers.count { $0["state"] == "ready" && $0["name"]?.string?.hasPrefix("chat@") == true } == count
    }

    @Test func aRolloutOutlivesItsGateway() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        let killed = try await HadalProcess.serve("guide", ["--data", data]) { server in
            _ = try await Self.hadal(server, "deployments", "create", "chat")
            _ = try await Self.hadal(server, "deployments", "add", "chat", "guide", "--option", "context=512")
            _ = try await Self.hadal(server, "deployments", "add", "chat", "guide", "--option", "context=1024")
            let first = try await Self.hadal(
                server, "releases", "start", "chat", "1", "--kind", "blue-green", "--watch")
            #expect(first.contains("promoted"), "\(first)")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@1")
            _ = try await Self.hadal(server, "releases", "start", "chat", "2", "--kind", "ab", "--share", "50")
            #expect(try await becomes { try await Self.deployment(server)["rollout"]?["state"] == "running" })
            #expect(try await becomes { try await Self.isUp(server, 2) })
            let workers = server.workers
            #expect(workers.count == 3)
            kill(server.process, SIGKILL)
            for worker in workers { #expect(await ProcessEnd.wait(worker)) }
        }
        #expect(killed.status == .signaled(9))
        let outcome = try await HadalProcess.serve("guide", ["--data", data]) { server in
            #expect(try await becomes { try await server.serving.get("/health/ready").status == 200 })
            #expect(try await becomes { try await Self.isUp(server, 2) })
            let found = try await Self.deployment(server)
            #expect(found["rollout"]?["state"] == "running" && found["traffic"]?["shares"]?["2"]?.double == 50)
            var targets: Set<String> = []
            for _ in 0..<40 {
                let answer = try await server.serving.post("/v1/completions", Self.question)
                #expect(answer.status == 200, "\(answer.body)")
                targets.insert(answer.target ?? "")
            }
            #expect(targets == ["chat@1", "chat@2"])
            let id = try #require(found["rollout"]?["id"]?.int)
            _ = try await Self.hadal(server, "releases", "promote", "\(id)", "--why", "the test says so")
            let watched = try await Self.hadal(server, "releases", "watch", "\(id)")
            #expect(watched.contains("promoted"), "\(watched)")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@2")
            let start = ContinuousClock.now
            let back = try await Self.hadal(server, "releases", "rollback", "chat", "--why", "the test says so")
            let time = ContinuousClock.now - start
            print("rollback by the command: \(time)")
            #expect(time < .seconds(10) && back.contains("version 1"), "\(back)")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@1")
            let listed = try JSON(parsing: try await Self.hadal(server, "releases", "list", "--json"))
            #expect(listed.array?.compactMap { $0["kind"]?.string } == ["rollback", "ab", "blue-green"])
        }
        #expect(outcome.status == .exited(0))
    }

    /// While the next version is made ready, verified and switched to, and the last one drained.
    @Test func aRolloutOutlivesAKillAtAnyMoment() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        var next = 1
        for pause in [0, 100, 300, 500, 700, 1000, nil] as [Int?] {
            let target = next
            let outcome = try await HadalProcess.serve("guide", ["--data", data]) { server in
                if target == 1 {
                    _ = try await Self.hadal(server, "deployments", "create", "chat")
                    for size in ["512", "1024"] {
                        _ = try await Self.hadal(
                            server, "deployments", "add", "chat", "guide", "--option", "context=\(size)")
                    }
                } else {
                    // What was under way comes to its end, and nobody meets anything else than a version that serves.
                    #expect(try await becomes { try await Self.stable(server) != nil })
                    #expect(try await becomes { try await server.serving.get("/health/ready").status == 200 })
                    let answer = try await server.serving.post("/v1/completions", Self.question)
                    let stable = try #require(try await Self.stable(server))
                    #expect(answer.status == 200 && answer.target == "chat@\(stable)", "\(answer.body)")
                }
                guard let pause else { return }
                let version = try await Self.stable(server) == 1 ? "2" : "1"
                _ = try await Self.hadal(server, "releases", "start", "chat", version, "--kind", "blue-green")
                try await Task.sleep(for: .milliseconds(pause))
                let workers = server.workers
                kill(server.process, SIGKILL)
                for worker in workers { #expect(await ProcessEnd.wait(worker)) }
            }
            #expect(outcome.status == (pause == nil ? .exited(0) : .signaled(9)))
            next += 1
        }
    }

    /// The version that serves, with nothing under way.
    private static func stable(_ server: HadalProcess) async throws -> Int? {
        let found = try await server.serving.get("/admin/v1/deployments/chat").json
        guard found["rollout"] == nil || found["rollout"] == .null else { return nil }
        return found["stable"]?.int
    }

    private static func worker(_ server: HadalProcess, _ name: String) async throws -> JSON? {
        try await server.serving.get("/admin/v1/workers").json["data"]?.array?.first { $0["name"]?.string == name }
    }

    @Test func aVersionThatNobodyUsesIsUnloadedAndGoneBackTo() async throws {
        let directory = try TemporaryDirectory()
        let outcome = try await HadalProcess.serve("guide", ["--data", directory.file("data")]) { server in
            _ = try await Self.hadal(server, "deployments", "create", "chat")
            _ = try await Self.hadal(
                server, "deployments", "add", "chat", "guide", "--option", "idle_unload=1s", "--option",
                "memory_limit=64GiB")
            _ = try await Self.hadal(server, "deployments", "add", "chat", "guide", "--option", "context=512")
            _ = try await Self.hadal(server, "releases", "start", "chat", "1", "--kind", "blue-green", "--watch")
            let isUnloaded: @Sendable () async throws -> Bool = {
                try await Self.worker(server, "chat@1")?["state"] == "unloaded"
            }
            #expect(try await becomes(isUnloaded))
            #expect(try await server.serving.get("/health/ready").status == 200)
            // Who asks has it loaded.
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@1")
            #expect(try await becomes(isUnloaded))
            _ = try await Self.hadal(server, "releases", "start", "chat", "2", "--kind", "blue-green", "--watch")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@2")
            #expect(try await isUnloaded())
            let back = try await Self.hadal(server, "releases", "rollback", "chat", "--why", "the test says so")
            #expect(back.contains("version 1"), "\(back)")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@1")
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func aVersionThatCannotBeLoadedChangesNothing() async throws {
        let directory = try TemporaryDirectory()
        let wrong = try directory.write("no model".utf8, "wrong.gguf")
        let outcome = try await HadalProcess.serve("guide", ["--data", directory.file("data")]) { server in
            _ = try await Self.hadal(server, "deployments", "create", "chat")
            _ = try await Self.hadal(server, "deployments", "add", "chat", "guide")
            _ = try await Self.hadal(server, "releases", "start", "chat", "1", "--kind", "blue-green", "--watch")
            _ = try await Self.hadal(server, "deployments", "add", "chat", wrong, "--digest", "00")
            let failed = try await HadalProcess.run(
                [
                    "releases", "start", "chat", "2", "--kind", "blue-green", "--watch", "--url", server.serving.base,
                ])
            #expect(failed.status == .exited(1) && failed.errors.contains("could not start"), "\(failed.errors)")
            #expect(try await server.serving.post("/v1/completions", Self.question).target == "chat@1")
            #expect(try await Self.isUp(server, 1))
        }
        #expect(outcome.status == .exited(0))
    }
}
