import Foundation
import HadalAccess
import HadalJSON
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Testing

@testable import HadalGateway

/// What the gateway does for alerts.
@Suite(.timeLimit(.minutes(15))) struct HealingServingTests {
    /// Alerts that only hand on what the gateway gives them.
    private final class Alerts: AlertKeeper, Sendable {
        private let held = Mutex<ServerHealing?>(nil)

        var healing: ServerHealing {
            get throws { try #require(held.withLock { $0 }) }
        }

        func take(_ configuration: inout GatewayConfiguration) {
            configuration.alerts = { _, healing in
                self.held.withLock { $0 = healing }
                return self
            }
        }

        var json: JSON { [:] }
        func silence(
            rule: String?, labels: [String: String], seconds: Double, who: String, why: String
        ) throws -> JSON { [:] }
        func removeSilence(id: String) -> Bool { false }
        func test(channel: String) async throws {}
        func giveAway() {}
        func run() async throws { try await gracefulShutdown() }
    }

    private static func order(_ act: HealingOrder.Act, _ model: String) -> HealingOrder {
        HealingOrder(act, model: model, rule: "R", level: "critical", value: "99 %")
    }

    // MARK: shed

    @Test func requestsOfLowPriorityAreRefusedUntilItIsOver() async throws {
        let alerts = Alerts()
        try await Serving.run(configure: alerts.take) { serving in
            let healing = try alerts.healing
            func flexible() async throws -> Serving.Answer { try await serving.chat(#", "service_tier": "flex""#) }
            let before = try await flexible()
            #expect(before.status == 200 && before.headers["x-hadal-warning"].isEmpty, "\(before.headers)")
            for model in ["", "scripted"] {
                let order = Self.order(.shed, model)
                _ = try await healing.act(order)
                let refused = try await flexible()
                #expect(refused.status == 503 && refused.errorCode == "low_priority_refused", "\(refused.body)")
                #expect(refused.headers["retry-after"] == ["30"])
                let response = try await serving.post(
                    "/v1/responses", #"{"model":"scripted","input":"one two","service_tier":"flex"}"#)
                #expect(response.status == 503)
                #expect(try await serving.chat("").status == 200)
                #expect(healing.end(order).contains("answered again"))
                #expect(try await flexible().status == 200)
            }
            // A model that is not there.
            await #expect(throws: NothingToHeal.self) { try await healing.act(Self.order(.shed, "other")) }
            let metrics = try await serving.get("/metrics").body
            #expect(metrics.contains("hadal_shed_requests_total{tenant=\"default\",model=\"scripted\"} 4"))
            #expect(metrics.contains("hadal_alert_actions_total{action=\"shed\",outcome=\"done\"} 2"))
            #expect(metrics.contains("hadal_alert_actions_total{action=\"shed\",outcome=\"skipped\"} 1"))
            // The server before may have begun it, and the next one goes on with it.
            healing.keep([Self.order(.shed, "scripted")])
            #expect(try await flexible().status == 503)
            healing.keep([])
            #expect(try await flexible().status == 200)
        }
    }

    /// In each API's shape; and what was done stands in the audit.
    @Test func tenantsWithoutAWeightAreRefusedFirst() async throws {
        let alerts = Alerts()
        try await GuardedServing.run(tenants: ["gold", "plain"]) {
            alerts.take(&$0)
            $0.access.limits.tenantWeights = ["gold": 3]
        } _: { guarded in
            let healing = try alerts.healing
            let (gold, plain) = (try guarded.key(tenant: "gold").secret, try guarded.key(tenant: "plain").secret)
            #expect(try await guarded.chat(key: plain).status == 200)
            _ = try await healing.act(Self.order(.shed, "scripted"))
            #expect(try await guarded.chat(key: gold).status == 200)
            #expect(try await guarded.chat(key: plain).errorCode == "low_priority_refused")
            let messages: JSON = [["role": "user", "content": "one"]]
            let anthropic = try await guarded.send(
                .POST, "/anthropic/v1/messages", ["model": "scripted", "max_tokens": 5, "messages": messages],
                key: plain)
            #expect(anthropic.headers["retry-after"] == ["30"] && anthropic.json["type"] == "error")
            let ollama = try await guarded.send(
                .POST, "/api/chat", ["model": "scripted", "messages": messages], key: plain)
            #expect(ollama.status == 503 && ollama.json["error"]?.string?.contains("low priority") == true)
            _ = healing.end(Self.order(.shed, "scripted"))
            #expect(try await guarded.chat(key: plain).status == 200)
            let acts = try guarded.audit.events(tenant: nil).map(\.event).filter { $0.action.hasPrefix("alerts.") }
            #expect(acts.reversed().map(\.action) == ["alerts.shed", "alerts.shed.result", "alerts.shed.end"])
            for act in acts {
                #expect(act.actor == "hadal" && act.target == "scripted" && act.outcome == .done)
                #expect(act.details["rule"] == "R" && act.details["level"] == "critical")
            }
        }
    }

    // MARK: drain

    @Test func aDrainedWorkerGetsNothingNewUntilItIsOver() async throws {
        let alerts = Alerts()
        let (first, second) = (Asked(), Asked())
        let workers = [first, second].map { RoutedWorkers.named("twin", $0.noting(ScriptedBackend.says(["a"]))) }
        try await RoutedWorkers.serve([("twin", workers)], configure: alerts.take) { serving in
            let healing = try alerts.healing
            func counts(_ count: Int) async throws -> [Int] {
                let before = [first.count, second.count]
                for _ in 0..<count { #expect(try await serving.ask("twin").status == 200) }
                return zip([first.count, second.count], before).map(-)
            }
            #expect(
                try await becomes {
                    _ = try await serving.ask("twin")
                    return first.count > 0 && second.count > 0
                })
            let text = try await healing.act(Self.order(.drain, "twin#1"))
            #expect(text.contains("new requests go to twin#2"))
            #expect(try await counts(6) == [0, 6])
            // It is the last one.
            do {
                _ = try await healing.act(Self.order(.drain, "twin#2"))
                Issue.record("the last worker is drained")
            } catch let nothing as NothingToHeal { #expect("\(nothing)".contains("the last of twin")) }
            do {
                _ = try await healing.act(Self.order(.drain, "twin"))
                Issue.record("nobody knows which one")
            } catch let nothing as NothingToHeal { #expect("\(nothing)".contains("twin#1, twin#2")) }
            #expect(try await counts(2) == [0, 2])
            // Whatever was begun before: somebody answers.
            healing.keep([Self.order(.drain, "twin#1"), Self.order(.drain, "twin#2")])
            #expect(try await counts(4).reduce(0, +) == 4)
            healing.keep([Self.order(.drain, "twin#1")])
            #expect(healing.end(Self.order(.drain, "twin#1")) == "twin#1 gets requests again")
            #expect(try await counts(6) == [3, 3])
        }
    }

    // MARK: rollback

    @Test func theNewestVersionIsRolledBack() async throws {
        let alerts = Alerts()
        try await ReleaseServing.run([nil, nil], configure: alerts.take) { serving in
            try await serving.release(2)
            try await serving.wait(try await serving.start(2, "blue-green"), for: "promoted")
            let healing = try alerts.healing
            for other in ["chat@1", "base", "nothing"] {
                await #expect(throws: NothingToHeal.self) { try await healing.act(Self.order(.rollback, other)) }
            }
            #expect(try await serving.ask().content == "v2")
            let text = try await healing.act(Self.order(.rollback, "chat@2"))
            #expect(text.contains("back to version 1"))
            #expect(await becomes { (try? await serving.ask().content) == "v1" })
            #expect(
                try await becomes {
                    try await serving.admin(.GET, "deployments/chat").json["stable"]?.int == 1
                })
            // There is nothing before it.
            await #expect(throws: NothingToHeal.self) { try await healing.act(Self.order(.rollback, "chat@1")) }
            let acts = try serving.guarded.audit.events(tenant: nil).map(\.event).filter {
                $0.action == "alerts.rollback.result"
            }
            #expect(acts.count { $0.outcome == .refused } == 4 && acts.count { $0.outcome == .done } == 1)
        }
    }

    // MARK: restart

    @Test func whatRunsElsewhereIsNotRestarted() async throws {
        let alerts = Alerts()
        try await Serving.run(configure: alerts.take) { serving in
            do {
                _ = try await alerts.healing.act(Self.order(.restart, "scripted"))
                Issue.record("somebody else's worker is restarted")
            } catch let nothing as NothingToHeal { #expect("\(nothing)".contains("not started here")) }
            withExtendedLifetime(serving) {}
        }
    }
}
