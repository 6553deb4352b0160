import HadalAccess
import HadalConfiguration
import HadalGateway
import HadalJSON
import NIOHTTP1
import TestSupport
import Testing

/// What administrators see of routes, and routes that change while the server runs.
@Suite(.timeLimit(.minutes(15))) struct RoutingAdministrationTests {
    private static let models = [
        (name: "small", workers: [RoutedWorkers.named("small")]),
        (name: "large", workers: [RoutedWorkers.named("large")]),
    ]
    private static let routes = #"""
        [{"alias":"chat","rules":[{"name":"night","when":{"time":[{"from":"22:00","to":"06:00"}]},"use":"large"},
          {"name":"long","when":{"prompt_tokens":{"above":8000},"tenants":"bank"},"use":["large","small"]}],
          "default":"small"}]
        """#

    @Test func routesAndTargetsAreShown() async throws {
        try await RoutedWorkers.guarded(Self.models, routes: Self.routes) { guarded in
            #expect(try await guarded.chat(key: nil, model: "chat").status == 200)
            let shown = try await guarded.admin(.GET, "routes")
            #expect(shown.json["routes"]?[0]?["alias"] == "chat", "\(shown.body)")
            let targets = shown.json["targets"]?.array ?? []
            #expect(targets.compactMap { $0["target"]?.string } == ["large", "small"])
            #expect(targets.allSatisfy { $0["members"]?[0]?["state"] == "ready" }, "\(shown.body)")
            let key = try guarded.key().secret
            #expect(try await guarded.admin(.GET, "routes", key: key).status == 403)
            #expect(try await guarded.admin(.POST, "routes/explain", ["model": "chat"], key: key).status == 403)
        }
    }

    @Test func aDecisionIsExplainedWithoutAskingAnybody() async throws {
        let asked = Asked()
        let silent = RoutedWorkers.named("small", asked.noting(ScriptedBackend.echo))
        try await RoutedWorkers.guarded(
            [("small", [silent]), ("large", [RoutedWorkers.named("large")])], routes: Self.routes
        ) { guarded in
            func explain(_ members: [(String, JSON)]) async throws -> Serving.Answer {
                try await guarded.admin(.POST, "routes/explain", .object(JSON.Object([("model", "chat")] + members)))
            }
            let noon: (String, JSON) = ("time", "2026-11-29T12:00:00Z")
            let plain = try await explain([noon])
            #expect(plain.json["plan"]?.array?.compactMap { $0["target"]?.string } == ["small"], "\(plain.body)")
            #expect(plain.json["reasons"]?[0]?["rule"] == .null)
            #expect(plain.json["reasons"]?[0]?["passed"]?.array?.count == 2)
            let long = try await explain([noon, ("tenant", "bank"), ("prompt_tokens", 9000)])
            #expect(long.json["reasons"]?[0]?["rule"] == "long", "\(long.body)")
            #expect(long.json["plan"]?.array?.compactMap { $0["target"]?.string } == ["large", "small"])
            let night = try await explain([("time", "2026-11-29T23:00:00Z")])
            #expect(night.json["reasons"]?[0]?["rule"] == "night", "\(night.body)")
            #expect(try await guarded.admin(.POST, "routes/explain", ["model": "none"]).status == 404)
            let wrong = try await explain([("requires", ["magic"])])
            #expect(wrong.status == 400 && wrong.errorField == "requires[0]", "\(wrong.body)")
            #expect(asked.count == 0)
        }
    }

    @Test func newRoutesCountAfterAReloadAndWrongOnesNever() async throws {
        let directory = try TemporaryDirectory()
        @Sendable func write(_ target: String) throws {
            try directory.write("routes:\n  - alias: chat\n    default: \(target)\n".utf8, "hadal.yaml")
        }
        try write("small")
        let file = directory.file("hadal.yaml")
        let watch = try ConfigurationWatch { () throws(ConfigurationError) in
            try ConfigurationLoader.load(file: file, environment: [:])
        }
        try await RoutedWorkers.guarded(
            Self.models, routes: #"[{"alias":"chat","default":"small"}]"#, configure: { $0.watch = watch }
        ) { guarded in
            @Sendable func answer() async throws -> String? { try await guarded.chat(key: nil, model: "chat").content }
            #expect(try await answer() == "small")
            try write("large")
            let taken = try await guarded.admin(.POST, "configuration/reload")
            #expect(taken.status == 200 && taken.body.contains("routes"), "\(taken.body)")
            #expect(try await answer() == "large")
            // The file does not say which models there are: that is seen when the routes are to be used.
            try write("nobody")
            let refused = try await guarded.admin(.POST, "configuration/reload")
            #expect(refused.status == 409 && refused.body.contains("routes[0].default"), "\(refused.body)")
            try write("[]")
            let empty = try await guarded.admin(.POST, "configuration/reload")
            #expect(empty.status == 409 && empty.body.contains("hadal.yaml:3"), "\(empty.body)")
            #expect(try await answer() == "large")
        }
    }
}
