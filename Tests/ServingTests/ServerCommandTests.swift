import Foundation
import HadalJSON
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

/// The real program's commands that ask a running server: workers and routes.
@Suite(.timeLimit(.minutes(15))) struct ServerCommandTests {
    private static let routes = #"""
        [{"alias":"chat","rules":[
          {"name":"bank","when":{"tenants":"bank"},"use":{"targets":["large","small"],"hedge_after":"p95"}}],
          "default":[[{"target":"small","weight":80},{"target":"large","weight":20}]]}]
        """#

    private static func run(_ body: @escaping @Sendable (GuardedServing) async throws -> Void) async throws {
        try await RoutedWorkers.guarded(
            [
                ("small", [RoutedWorkers.named("small"), RoutedWorkers.named("small")]),
                ("large", [RoutedWorkers.named("large")]),
            ], routes: routes, body)
    }

    @Test func workersAreListed() async throws {
        try await Self.run { guarded in
            let isUp = try await becomes {
                let workers = try await guarded.admin(.GET, "workers").json["data"]?.array ?? []
                return workers.allSatisfy { $0["state"] == "ready" }
            }
            #expect(isUp)
            let table = try await guarded.serving.hadal(["workers", "list"])
            for name in ["small#1", "small#2", "large"] {
                #expect(try table.firstMatch(of: Regex("(?m)^\(name) +ready ")) != nil, "\(table)")
            }
            let list = try await guarded.serving.hadalJSON(["workers", "list"])
            #expect(list.array?.compactMap { $0["name"]?.string } == ["small#1", "small#2", "large"])
            // They are started elsewhere.
            for (worker, reason) in [("large", "not started here"), ("small", "small#1, small#2"), ("x", "no worker")] {
                let refused = try await HadalProcess.run(["workers", "restart", worker, "--url", guarded.serving.base])
                #expect(refused.status == .exited(1) && refused.errors.contains(reason), "\(refused.errors)")
            }
        }
    }

    @Test func aWorkerIsReplaced() async throws {
        let outcome = try await HadalProcess.serve([]) { hadal in
            let serving = hadal.serving
            let worker = try await serving.hadalJSON(["workers", "restart", "guide"])
            #expect(worker["name"] == "guide" && worker["startedHere"] == true, "\(worker.text)")
            let isReplaced = try await becomes {
                let worker = try await serving.hadalJSON(["workers", "list"])[0]
                return worker?["restarts"] == 1 && worker?["state"] == "ready"
            }
            #expect(isReplaced)
            let told = try await serving.hadal(["workers", "restart", "guide"])
            #expect(told == "the worker guide is being replaced\n")
        }
        #expect(outcome.status == .exited(0))
    }

    @Test func routesAreListedAndExplained() async throws {
        try await Self.run { guarded in
            let serving = guarded.serving
            let table = try await serving.hadal(["routes", "list"])
            #expect(table.firstMatch(of: /chat +bank +large, small +p95/) != nil, "\(table)")
            #expect(table.firstMatch(of: /chat +default +small 80 or large 20/) != nil, "\(table)")
            #expect(try await serving.hadalJSON(["routes", "list"]) == JSON(parsing: Self.routes))
            let bank = try await serving.hadal(["routes", "explain", "chat", "--tenant", "bank"])
            #expect(bank.hasPrefix("1. large") && bank.contains("chat: rule 'bank'"), "\(bank)")
            let plain = try await serving.hadalJSON(["routes", "explain", "chat"])
            #expect(plain["reasons"]?[0]?["rule"] == .null && plain["plan"]?.array?.count == 2, "\(plain.text)")
            // The server would decide the same.
            let decided = try await guarded.admin(.POST, "routes/explain", ["model": "chat"])
            #expect(decided.json == plain)
            let unknown = try await HadalProcess.run(["routes", "explain", "x", "--url", serving.base])
            #expect(unknown.status == .exited(1) && unknown.errors.contains("there is chat"), "\(unknown.errors)")
        }
    }

    @Test func routesOfAFileAreReadWithoutAServer() async throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "models: [{name: a, model: guide}]\nroutes: [{alias: chat, default: a}]\n".utf8, "hadal.yaml")
        let list = try await HadalProcess.run(["routes", "list", "--config", file, "--json"])
        #expect(list.status == .exited(0), "\(list.errors)")
        #expect(try JSON(parsing: list.output) == [["alias": "chat", "default": "a"]])
        let explained = try await HadalProcess.run(["routes", "explain", "chat", "--config", file])
        #expect(explained.output.hasPrefix("1. a"), "\(explained.errors)")
        let away = try await HadalProcess.run(["routes", "list", "--url", "http://127.0.0.1:9"])
        #expect(away.status == .exited(1))
    }
}

extension Serving {
    /// What a command that asks this server prints.
    func hadal(_ arguments: [String]) async throws -> String {
        let result = try await HadalProcess.run(arguments + ["--url", base])
        #expect(result.status == .exited(0), "\(arguments): \(result.errors)")
        return result.output
    }

    func hadalJSON(_ arguments: [String]) async throws -> JSON {
        let output = try await hadal(arguments + ["--json"])
        return try JSON(parsing: output.trimmingCharacters(in: .newlines))
    }
}
