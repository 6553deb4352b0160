import Foundation
import HadalJSON
import Subprocess
import TestSupport
import Testing

@testable import HadalGateway

/// `hadal restart` of a server whose releases have workers: real processes, with the built-in model.
@Suite(.serialized, .timeLimit(.minutes(15))) struct VersionRestartTests {
    /// Two versions of the built-in model, each answering half of the requests.
    /// - Parameter option: of the first one.
    private static func run(
        _ option: String = "threads=1", _ body: @escaping @Sendable (RestartSite) async throws -> Void
    ) async throws {
        try await RestartSite.run { site in
            _ = try await hadal(site, "deployments", "create", "chat")
            _ = try await hadal(site, "deployments", "add", "chat", "guide", "--option", option)
            _ = try await hadal(site, "deployments", "add", "chat", "guide", "--option", "context=1024")
            _ = try await hadal(site, "releases", "start", "chat", "1", "--kind", "blue-green", "--watch")
            _ = try await hadal(site, "releases", "start", "chat", "2", "--kind", "ab", "--share", "50")
            #expect(try await becomes { try await rollout(site)["state"] == "running" })
            try await body(site)
        }
    }

    private static func hadal(_ site: RestartSite, _ arguments: String...) async throws -> String {
        let result = try await HadalProcess.run(arguments + ["--url", site.serving.base])
        try #require(result.status == .exited(0), "\(arguments): \(result.errors)")
        return result.output
    }

    private static func rollout(_ site: RestartSite) async throws -> JSON {
        try await site.serving.get("/admin/v1/deployments/chat").json["rollout"] ?? .null
    }

    /// By name, of the server that serves.
    private static func workers(_ site: RestartSite) async throws -> [String: Int32] {
        let all = try await site.serving.get("/admin/v1/workers").json["data"]?.array ?? []
        let named = all.compactMap { worker -> (String, Int32)? in
            guard worker["state"] == "ready", let name = worker["name"]?.string, let process = worker["pid"]?.int else {
                return nil
            }
            return (name, Int32(process))
        }
        return Dictionary(named, uniquingKeysWith: { $1 })
    }

    private static func answering(_ site: RestartSite) async throws -> Set<String> {
        var targets: Set<String> = []
        for _ in 0..<40 {
            let answer = try await site.serving.post(
                "/v1/completions", #"{"model":"chat","prompt":"a","max_tokens":2}"#)
            #expect(answer.status == 200, "\(answer.body)")
            targets.insert(answer.target ?? "")
        }
        return targets
    }

    @Test func versionsKeepTheirWorkers() async throws {
        try await Self.run("replicas=2") { site in
            let expected = try await site.stories()
            let before = try await Self.workers(site)
            #expect(before.keys.sorted() == ["chat@1#1", "chat@1#2", "chat@2", "guide"])
            let isOver = Flag()
            async let got = site.stories(of: "chat")
            async let answers = site.ask(of: "chat", until: isOver)
            #expect(try await becomes { try await site.areStreaming() })
            let outcome = try await site.restart()
            #expect(outcome.status == .exited(0), "\(outcome.errors)")
            #expect(try #require(site.server).process != site.hadal.process && site.isRunning(site.hadal.process))
            #expect(try await Self.workers(site) == before)
            #expect(try await Self.answering(site) == ["chat@1", "chat@2"])
            // Either version has the model that tells the same.
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            isOver.set()
            _ = try await answers
            #expect(await ProcessEnd.wait(site.hadal.process))
            // Nor does the end of one server between two others touch them.
            let between = try #require(site.server).process
            #expect(try await site.restart().status == .exited(0))
            #expect(await ProcessEnd.wait(between))
            #expect(try await Self.workers(site) == before)
            // The rollout goes on in the new server, with the workers that the old one started.
            let rollout = try await Self.rollout(site)
            #expect(rollout["state"] == "running")
            let id = try #require(rollout["id"]?.int)
            _ = try await Self.hadal(site, "releases", "promote", "\(id)", "--why", "the test says so")
            _ = try await Self.hadal(site, "releases", "watch", "\(id)")
            #expect(try await Self.answering(site) == ["chat@2"])
            #expect(try await Self.workers(site)["chat@2"] == before["chat@2"])
            _ = try await Self.hadal(site, "releases", "rollback", "chat", "--why", "the test says so")
            #expect(try await Self.answering(site) == ["chat@1"])
        }
    }

    @Test func whatIsTakenAwayIsFinishedByTheServerBefore() async throws {
        try await Self.run { site in
            let expected = try await site.stories()
            async let got = site.stories(of: "chat")
            #expect(try await becomes { try await site.areStreaming() })
            #expect(try await site.restart().status == .exited(0))
            #expect(site.isRunning(site.hadal.process))
            let rollout = try await Self.rollout(site)
            let id = try #require(rollout["id"]?.int)
            _ = try await Self.hadal(site, "releases", "abort", "\(id)", "--why", "the test says so")
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            #expect(try await Self.answering(site) == ["chat@1"])
            #expect(try await becomes { try await Self.workers(site)["chat@2"] == nil })
        }
    }

    @Test func anUnloadedVersionIsNotLoaded() async throws {
        try await Self.run("idle_unload=1s") { (site) async throws in
            @Sendable func state() async throws -> JSON? {
                try await site.serving.get("/admin/v1/workers").json["data"]?.array?
                    .first { $0["name"] == "chat@1" }?["state"]
            }
            #expect(try await becomes { try await state() == "unloaded" })
            #expect(try await site.restart().status == .exited(0))
            #expect(try await state() == "unloaded")
            // Who asks has it loaded.
            #expect(try await Self.answering(site) == ["chat@1", "chat@2"])
        }
    }

    @Test func versionsWithOtherArgumentsAreLoadedBeforeTheyAnswer() async throws {
        try await Self.run { site in
            let before = try await Self.workers(site)
            let isOver = Flag()
            async let answers = site.ask(of: "chat", until: isOver)
            try site.configure(models: "[{name: guide, model: guide}]", engine: "{kv_cache: 64MiB}")
            let outcome = try await site.restart()
            #expect(outcome.status == .exited(0), "\(outcome.errors)")
            let now = try await Self.workers(site)
            #expect(now.keys.sorted() == before.keys.sorted())
            #expect(Set(now.values).isDisjoint(with: before.values))
            #expect(try await Self.answering(site) == ["chat@1", "chat@2"])
            isOver.set()
            _ = try await answers
            for worker in before.values { #expect(await ProcessEnd.wait(worker)) }
        }
    }

    @Test func versionsOutliveAServerThatIsKilled() async throws {
        try await Self.run { site in
            let expected = try await site.stories()
            let before = try await Self.workers(site)
            async let got = site.stories(of: "chat")
            #expect(try await becomes { try await site.areStreaming() })
            #expect(try await site.restart().status == .exited(0))
            let killed = try #require(site.server).process
            #expect(site.isRunning(site.hadal.process))
            kill(killed, SIGKILL)
            let stories = try await got
            for index in 0..<16 { #expect(stories[index] == expected[index], "story \(index)") }
            #expect(await becomes { site.server.map { $0.process != killed && $0.isRunning } ?? false })
            #expect(try await Self.workers(site) == before)
            #expect(try await Self.answering(site) == ["chat@1", "chat@2"])
        }
    }
}
