import Foundation
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalUpstreams
import NIOHTTP1
import Subprocess
import TestSupport
import Testing

@testable import HadalAccess

/// What administrators see of upstreams, and how they have them tried out anew.
@Suite(.timeLimit(.minutes(15))) struct UpstreamAdministrationTests {
    private static let limit = 1_000_000

    private static func run(_ body: @escaping @Sendable (GuardedServing) async throws -> Void) async throws {
        try await Serving.run { theirs in
            try await GuardedServing.run(configure: { configuration in
                let url = URL(string: theirs.base + "/v1")!
                var settings = UpstreamSettings(name: "ours", base: url, model: "scripted")
                settings.budget.day.tokens = limit
                settings.prices = UpstreamPrices(input: 1, output: 1)
                configuration.models = [ServedModel(upstream: settings)]
                configuration.workerWait = .seconds(30)
            }) { guarded in try await body(guarded) }
        }
    }

    @Test func upstreamsAreShownWithWhatTheyCanDoAndWhatIsLeft() async throws {
        try await Self.run { guarded in
            @Sendable func day() async throws -> JSON? {
                let list = try await guarded.admin(.GET, "upstreams")
                let upstream = list.json["data"]?[0]
                #expect(upstream?["name"] == "ours" && upstream?["model"] == "scripted", "\(list.body)")
                #expect(upstream?["reachable"] == true && upstream?["breaker"]?["state"] == "closed")
                #expect(upstream?["found"]?["kind"] == "hadal" && upstream?["errors"]?["count"] == 0)
                #expect(upstream?["found"]?["features"]?.array?.contains("chat") == true)
                #expect(upstream?["month"]?["tokensLimit"] == nil)
                return upstream?["day"]
            }
            let before = try #require(try await day()?["requests"]?.int)
            #expect(try await guarded.chat(key: nil, model: "ours").status == 200)
            #expect(try await becomes { try await day()?["requests"]?.int == before + 1 })
            let used = try #require(try await day())
            let tokens = try #require(used["promptTokens"]?.int) + #require(used["completionTokens"]?.int)
            #expect(tokens > 0 && used["tokensLeft"]?.int == Self.limit - tokens)
            #expect(used["money"]?.string.flatMap { Decimal(string: $0) } == Decimal(tokens) / 1_000_000)
            let key = try guarded.key().secret
            #expect(try await guarded.admin(.GET, "upstreams", key: key).status == 403)
            #expect(try await guarded.admin(.POST, "upstreams/ours/probe", key: key).status == 403)
        }
    }

    @Test func anUpstreamIsTriedOutAnew() async throws {
        try await Self.run { guarded in
            let before = try await guarded.admin(.GET, "upstreams").json["data"]?[0]
            let tried = try await guarded.admin(.POST, "upstreams/ours/probe")
            #expect(tried.status == 200 && tried.json["found"]?["features"] == before?["found"]?["features"])
            let (first, second) = (before?["day"]?["promptTokens"]?.int, tried.json["day"]?["promptTokens"]?.int)
            #expect(try #require(second) > #require(first), "what it took counts: \(tried.body)")
            #expect(try await guarded.chat(key: nil, model: "ours").status == 200)
            #expect(try await guarded.admin(.POST, "upstreams/none/probe").status == 404)
            let acts = try guarded.audit.events(tenant: nil).map(\.event).filter { $0.action == "upstreams.probe" }
            #expect(acts.contains { $0.target == "ours" && $0.outcome == .done })
        }
    }

    @Test func theCommandShowsARunningServersUpstreamsElseWhatWasWritten() async throws {
        try await Self.run { guarded in
            let list = try await HadalProcess.run(["upstreams", "list", "--url", guarded.serving.base])
            #expect(list.status == .exited(0), "\(list.errors)")
            #expect(list.output.firstMatch(of: /ours .* scripted +ready .* of 1000000/) != nil, "\(list.output)")
            let refreshed = try await HadalProcess.run(["upstreams", "refresh", "ours", "--url", guarded.serving.base])
            #expect(refreshed.status == .exited(0) && refreshed.output.contains("ours can all but"))
            let status = try await guarded.serving.hadalJSON(["upstreams", "refresh", "ours"])
            #expect(status["name"] == "ours" && status["found"]?["kind"] == "hadal", "\(status.text)")
        }
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "listen: 127.0.0.1:9\nmodels: [{name: ours, upstream: {url: 'http://gpu1:8000'}}]\n".utf8, "hadal.yaml")
        let options = ["--config", file, "--data", directory.path]
        let written = try await HadalProcess.run(["upstreams", "list", "--json"] + options)
        #expect(written.status == .exited(0) && written.errors.contains("127.0.0.1:9"), "\(written.errors)")
        let upstream = try JSON(parsing: written.output)[0]
        #expect(upstream?["name"] == "ours" && upstream?["day"]?["requests"] == 0 && upstream?["reachable"] == nil)
        let told = try await HadalProcess.run(["upstreams", "list", "--url", "http://127.0.0.1:9"] + options)
        #expect(told.status == .exited(1), "who names a server wants its answer")
    }
}
