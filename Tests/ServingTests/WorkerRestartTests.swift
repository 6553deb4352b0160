import Foundation
import HadalJSON
import NIOHTTP1
import Subprocess
import Synchronization
import TestSupport
import Testing

@testable import HadalAccess

/// `/admin/v1/workers`.
@Suite(.serialized, .timeLimit(.minutes(15))) struct WorkerRestartTests {
    /// The real program, with keys.
    private struct Site: Sendable {
        let hadal: HadalProcess
        let audit: AuditLog
        let keys: [String: String]

        func workers(as role: String = "operator") async throws -> Serving.Answer {
            try await GuardedServing.send(hadal.serving, .GET, "/admin/v1/workers", key: keys[role])
        }

        func restart(_ model: String = "guide", as role: String = "operator") async throws -> Serving.Answer {
            try await GuardedServing.send(hadal.serving, .POST, "/admin/v1/workers/\(model)/restart", key: keys[role])
        }
    }

    /// - Parameter model: further members of its entry.
    private static func run(
        model: String = "", _ body: @escaping @Sendable (Site) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let audit = try AuditLog(data: directory.url)
        let administration = AccessAdministration(
            try AccessControl(AccessDatabase(data: directory.url), opensWhenEmpty: false), audit: audit)
        var keys: [String: String] = [:]
        for role in ["operator", "auditor", "user"] {
            keys[role] = try administration.createKey(
                KeyRequest(name: role, owner: .service(roles: [role], tenant: nil)),
                by: Requester(.local(name: "root"))
            ).secret
        }
        let file = directory.url.appending(path: "hadal.yaml")
        try Data("models: [{name: guide, model: guide\(model)}]\n".utf8).write(to: file)
        let known = keys
        let outcome = try await HadalProcess.serve(["--config", file.path, "--data", directory.path]) { hadal in
            try await body(Site(hadal: hadal, audit: audit, keys: known))
        }
        #expect(outcome.status == .exited(0))
    }

    private static func stories(_ site: Site, _ ended: @escaping @Sendable () -> Void = {}) async throws -> [[String]] {
        try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
            for index in 0..<8 {
                let body: JSON = [
                    "model": "guide", "prompt": .string("Story \(index): "), "max_tokens": 1000, "stream": true,
                    "ignore_eos": true, "seed": .int(Int64(index)), "logprobs": 1,
                ]
                group.addTask {
                    defer { ended() }
                    let answer = try await GuardedServing.send(
                        site.hadal.serving, .POST, "/v1/completions", body, key: site.keys["user"])
                    return (index, answer.events.map { (try? JSON(parsing: $0))?["choices"]?.text ?? $0 })
                }
            }
            return try await group.reduce(into: Array(repeating: [], count: 8)) { $0[$1.0] = $1.1 }
        }
    }

    private static func first(_ answer: Serving.Answer) throws -> JSON {
        try #require(answer.json["data"]?[0], "\(answer.body)")
    }

    @Test func aReplacedWorkerFinishesAndNobodyWaits() async throws {
        try await Self.run { site in
            let expected = try await Self.stories(site)
            let old = try #require(try Self.first(try await site.workers())["pid"]?.int)
            let ended = Atomic(0)
            async let got = Self.stories(site) { ended.add(1, ordering: .relaxed) }
            let areRunning = try await becomes {
                try Self.first(try await site.workers())["runningRequests"]?.array?.isEmpty == false
            }
            #expect(areRunning)
            let answer = try await site.restart()
            let isEarly = ended.load(ordering: .relaxed) < 8
            #expect(answer.status == 202 && isEarly, "\(answer.body)")
            // The model can be asked all the time.
            let isReplaced = try await becomes {
                #expect(try await site.hadal.serving.get("/health/ready").status == 200)
                let worker = try Self.first(try await site.workers())
                return worker["state"] == "ready" && worker["pid"]?.int != old
            }
            #expect(isReplaced)
            let stories = try await got
            #expect(stories == expected)
            #expect(await ProcessEnd.wait(Int32(old)))
            let worker = try Self.first(try await site.workers())
            #expect(worker["restarts"] == 1 && worker["lastCrash"] == nil && worker["startedHere"] == true)
            #expect(try #require(worker["memoryBytes"]?.int) > 1 << 20)
            let again = try await Self.stories(site)
            #expect(again == expected)
            let acts = try site.audit.events(tenant: nil).map(\.event).filter { $0.action == "workers.restart" }
            #expect(acts.map(\.target) == ["guide"] && acts.allSatisfy { $0.outcome == .done })
        }
    }

    @Test func whereMemoryIsForOneTheOldOneEndsFirst() async throws {
        let used = Mutex(0)
        try await Self.run { site in
            let bytes = try #require(try Self.first(try await site.workers())["memoryBytes"]?.int)
            used.withLock { $0 = bytes }
        }
        // Enough for one with all its requests, not for two.
        let limit = used.withLock { $0 } * 9 / 5
        try await Self.run(model: ", memory_limit: \(limit)B") { site in
            let old = try #require(try Self.first(try await site.workers())["pid"]?.int)
            let answer = try await site.restart()
            #expect(answer.status == 202)
            // It is gone before there is another one.
            let sawBoth = Atomic(false)
            let isReplaced = try await becomes {
                let workers = site.hadal.workers
                if workers.count > 1 { sawBoth.store(true, ordering: .relaxed) }
                return try Self.first(try await site.workers())["state"] == "ready" && workers != [Int32(old)]
            }
            let bothRan = sawBoth.load(ordering: .relaxed)
            #expect(isReplaced && !bothRan)
            let worker = try Self.first(try await site.workers())
            #expect(worker["lastCrash"] == nil && worker["memoryLimitBytes"]?.int == limit)
        }
    }

    @Test func aWorkerThatCannotReplaceLeavesTheOldOne() async throws {
        try await Self.run { site in
            var stayed = false
            // One that is ready just before the signal has replaced the old one already: then another one is tried.
            for _ in 0..<10 where !stayed {
                let old = try #require(site.hadal.workers.first)
                _ = try await site.restart()
                #expect(await becomes { site.hadal.workers.contains { $0 != old } })
                let next = try #require(site.hadal.workers.first { $0 != old })
                kill(next, SIGKILL)
                #expect(await ProcessEnd.wait(next))
                #expect(
                    try await becomes {
                        let worker = try Self.first(try await site.workers())
                        return worker["state"] == "ready" && site.hadal.workers.count == 1
                    })
                stayed = site.hadal.workers == [old]
            }
            #expect(stayed)
            #expect(try Self.first(try await site.workers())["lastCrash"]?["end"] == "signal 9")
            #expect(try await Self.stories(site).allSatisfy { $0.last == "[DONE]" })
        }
    }

    @Test func whoMayNotSeesAndChangesNothing() async throws {
        try await Self.run { site in
            let old = try #require(site.hadal.workers.first)
            #expect(try await site.workers(as: "user").status == 403)
            for role in ["user", "auditor"] { #expect(try await site.restart(as: role).status == 403) }
            #expect(try await site.restart("other").errorCode == "not_found")
            #expect(site.hadal.workers == [old])
        }
    }
}
