import Foundation
import HadalGateway
import HadalJSON
import NIOHTTP1
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The real program's commands about deployments and releases, before a server with two versions.
@Suite(.serialized, .timeLimit(.minutes(15))) struct ReleaseCommandTests {
    /// A canary of half the requests that goes on until somebody ends it.
    private static let plan = #"""
        {"steps": [{"share": 50, "minimumSeconds": 3600, "minimumRequests": 1000, "maximumSeconds": 86400},
                   {"share": 100, "minimumSeconds": 3600, "minimumRequests": 1000}],
         "guardrails": [{"metric": "error_rate", "absolute": 0.1, "minimumSamples": 500}]}
        """#

    /// - Parameter body: is told of a canary from the first version to the second, which 20 requests went to.
    private static func withCanary(
        _ body: @escaping @Sendable (ReleaseServing, _ rollout: String) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory()
        let plan = try directory.write(plan.utf8, "plan.json")
        try await ReleaseServing.run([nil, nil]) { serving in
            try await serving.release(2)
            let begun = try await serving.guarded.serving.hadalJSON(
                ["releases", "start", "chat", "2", "--kind", "canary", "--plan", plan])
            let id = try #require(begun["id"]?.int, "\(begun.text)")
            try await serving.wait(id, for: "running")
            let isAnswered = try await becomes { try await serving.ask().target == "chat@2" }
            #expect(isAnswered)
            for _ in 0..<20 { #expect(try await serving.ask().status == 200) }
            let isCounted = try await becomes {
                let requests = try await serving.show(id)["requests"]?.array ?? []
                return requests.reduce(0) { $0 + ($1["finished"]?.int ?? 0) } > 20
            }
            #expect(isCounted)
            try await body(serving, "\(id)")
        }
    }

    @Test func deploymentsAreMadeConfiguredAndListed() async throws {
        let directory = try TemporaryDirectory()
        let settings = try directory.write(#"{"keptVersions": 5}"#.utf8, "settings.json")
        try await ReleaseServing.run([nil]) { serving in
            try await serving.release(1)
            let hadal = serving.guarded.serving
            let table = try await hadal.hadal(["deployments", "list"])
            #expect(table.firstMatch(of: /chat +1 +1: 100(\.0)? %/) != nil, "\(table)")
            let made = try await hadal.hadalJSON(["deployments", "create", "other"])
            #expect(made["alias"] == "other")
            let list = try await hadal.hadalJSON(["deployments", "list"])
            #expect(list.array?.compactMap { $0["alias"]?.string } == ["chat", "other"], "\(list.text)")
            let configured = try await hadal.hadalJSON(["deployments", "configure", "chat", "--settings", settings])
            #expect(configured["settings"]?["keptVersions"] == 5, "\(configured.text)")
            let told = try await hadal.hadal(["deployments", "configure", "chat", "--settings", settings])
            #expect(told == "chat is configured\n")
            let added = try await hadal.hadalJSON(["deployments", "add", "chat", "/models/x", "--digest", "d"])
            #expect(added["number"] == 2 && added["model"] == "/models/x", "\(added.text)")
        }
    }

    @Test func rolloutsAreListedAndShown() async throws {
        try await Self.withCanary { serving, id in
            let hadal = serving.guarded.serving
            let table = try await hadal.hadal(["releases", "list"])
            #expect(try table.firstMatch(of: Regex("(?m)^ *\(id) +chat +canary 1 → 2 +running")) != nil, "\(table)")
            let list = try await hadal.hadalJSON(["releases", "list"])
            #expect(list[0]?["id"]?.int.map(String.init) == id && list.array?.count == 2, "\(list.text)")
            let report = try await hadal.hadal(["releases", "show", id])
            #expect(report.firstMatch(of: /requests 1: \d+, 2: \d+/) != nil, "\(report)")
            #expect(report.contains("error_rate: tooFew") && report.contains("rollout.start"), "\(report)")
            let shown = try await hadal.hadalJSON(["releases", "show", id])
            #expect(shown["requests"]?.array?.compactMap { $0["version"]?.int } == [1, 2], "\(shown.text)")
            #expect(shown["requests"]?.array?.allSatisfy { $0["errors"] == 0 } == true)
            #expect(shown["verdicts"]?[0]?["outcome"] == "tooFew" && shown["loaded"] == nil)
            let aborted = try await hadal.hadalJSON(["releases", "abort", id, "--why", "seen enough"])
            #expect(aborted["id"]?.int.map(String.init) == id, "\(aborted.text)")
            let rollout = try #require(Int(id))
            try await serving.wait(rollout, for: "aborted")
            // Who watches is told how it ended.
            let watched = try await HadalProcess.run(["releases", "watch", id, "--json", "--url", hadal.base])
            #expect(watched.status == .exited(1) && watched.errors.contains("seen enough"), "\(watched.errors)")
            #expect(try JSON(parsing: watched.output.trimmingCharacters(in: .newlines))["state"] == "aborted")
        }
    }

    @Test func resultsAreShown() async throws {
        try await Self.withCanary { serving, id in
            let answer = try await serving.ask()
            let request = try #require(answer.json["id"], "\(answer.body)")
            let said = try await serving.admin(
                .POST, "feedback", ["request": request, "metric": "solved", "value": true])
            #expect(said.status == 200, "\(said.body)")
            let hadal = serving.guarded.serving
            let results = try await hadal.hadalJSON(["releases", "results", id])
            #expect(results["metrics"]?[0]?["metric"] == "solved", "\(results.text)")
            #expect(try await hadal.hadal(["releases", "results", id]).contains("solved"))
        }
    }

    @Test func whoWatchesSeesGuardrailsAndRequests() async throws {
        try await Self.withCanary { serving, id in
            let hadal = serving.guarded.serving
            let watched = try await Subprocess.run(
                .path(.init(HadalProcess.executable)),
                arguments: .init(["releases", "watch", id, "--url", hadal.base]), input: .none, output: .sequence,
                error: .currentStandardError
            ) { execution in
                var lines = execution.standardOutput.strings().makeAsyncIterator()
                let first = try #require(try await lines.next())
                let promoted = try await hadal.hadalJSON(["releases", "promote", id, "--why", "it is good"])
                #expect(promoted["id"]?.int.map(String.init) == id, "\(promoted.text)")
                var last = first
                while let line = try await lines.next() { last = line }
                return [first, last]
            }
            #expect(watched.terminationStatus == .exited(0))
            let lines = watched.closureResult
            #expect(lines[0].contains("running; step 1 of 2, 50"), "\(lines)")
            #expect(lines[0].contains("error_rate too few"), "\(lines)")
            #expect(lines[0].firstMatch(of: /requests 1: \d+, 2: [1-9]\d*/) != nil, "\(lines)")
            #expect(lines[1].contains("promoted"), "\(lines)")
        }
    }
}
