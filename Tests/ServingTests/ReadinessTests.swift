import Foundation
import HadalCertificates
import HadalGateway
import HadalJSON
import HadalRouting
import HadalUpstreams
import TestSupport
import Testing

/// When a gateway says that it is ready: it serves `scripted`, and `away`, which is not there.
@Suite(.timeLimit(.minutes(15))) struct ReadinessTests {
    private static func upstream() throws -> ServedModel {
        var settings = UpstreamSettings(name: "away", base: try #require(URL(string: "http://127.0.0.1:9")), model: "m")
        settings.timeouts.connect = .seconds(1)
        return ServedModel(upstream: settings)
    }

    private static func use(_ away: ServedModel, _ routes: String, in configuration: inout GatewayConfiguration) {
        configuration.models.append(away)
        configuration.routes = try! RouteTable.load(try! JSON(parsing: routes), targets: nil)
    }

    @Test(arguments: [
        #"[{"alias":"chat","default":["away","scripted"]}]"#,
        #"[{"alias":"chat","default":"other"},{"alias":"other","default":["away","scripted"]}]"#,
        #"[{"alias":"chat","rules":[{"name":"r","when":{"tags":"t"},"use":"away"}],"default":"scripted"}]"#,
    ])
    func anUpstreamForWhichOthersAnswerMakesNobodyUnready(_ routes: String) async throws {
        let away = try Self.upstream()
        // The server tells that it is ready, or this would not begin.
        try await Serving.run(configure: { Self.use(away, routes, in: &$0) }) { serving in
            let ready = try await serving.get("/health/ready")
            #expect(ready.status == 200 && ready.json["status"] == "ready", "\(ready.body)")
            // How it is itself is told all the same.
            #expect(ready.json["models"]?["away"] == "starting" && ready.json["models"]?["scripted"] == "ready")
            let scrape = try await serving.get("/metrics")
            #expect(scrape.value(#"hadal_worker_ready{model="away"}"#) == 0, "\(scrape.body)")
            #expect(scrape.value(#"hadal_worker_ready{model="scripted"}"#) == 1)
            #expect(try await serving.ask("chat").content == "one two")
        }
    }

    /// - Parameter configure: what the model needs beside it.
    private static func expectUnready(
        _ away: ServedModel, _ routes: String,
        configure: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: @escaping @Sendable (Serving) async throws -> Void = { _ in }
    ) async throws {
        try await Serving.run(configure: { configuration in
            use(away, routes, in: &configuration)
            configure(&configuration)
            // It is not waited for until all models are ready.
            let ready = configuration.onReady
            configuration.onReady = { _, _ in }
            configuration.onListening = { ready($0, []) }
        }) { serving in
            let isUp = try await becomes {
                try await serving.get("/health/ready").json["models"]?["scripted"] == "ready"
            }
            #expect(isUp)
            let ready = try await serving.get("/health/ready")
            #expect(ready.status == 503 && ready.json["status"] == "starting", "\(ready.body)")
            try await body(serving)
        }
    }

    @Test(arguments: [
        "[]", #"[{"alias":"chat","default":"away"}]"#, #"[{"alias":"chat","default":"scripted"}]"#,
        #"[{"alias":"chat","default":["away","scripted"]},{"alias":"far","default":"away"}]"#,
    ])
    func anUpstreamThatSomebodyMayNeedIsWaitedFor(_ routes: String) async throws {
        try await Self.expectUnready(try Self.upstream(), routes)
    }

    @Test func ourOwnWorkersAreToBeThereWhoeverAnswersForThem() async throws {
        let site = try WorkerSite()
        let away = ServedModel(name: "away", worker: try #require(URL(string: "https://127.0.0.1:9")))
        try await Self.expectUnready(
            away, #"[{"alias":"chat","default":["away","scripted"]}]"#,
            configure: { $0.workerCertificates = .directory(site.gateway) }
        ) { (serving) async throws in
            #expect(try await serving.ask("chat").content == "one two")
        }
    }
}
