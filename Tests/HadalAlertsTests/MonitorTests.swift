import Foundation
import HadalJSON
import Synchronization
import TestSupport
import Testing

@testable import HadalAlerts

/// From the metrics' text to a webhook.
@Suite(.timeLimit(.minutes(15)))
struct MonitorTests {
    private final class World: Sendable {
        let value = Mutex("hadal_worker_ready{model=\"a\"} 1\n")
        let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        let acts = Mutex<[String]>([])

        var clock: AlertClock {
            AlertClock(now: { self.time.withLock { $0 } }, sleep: { _ in throw CancellationError() })
        }

        func monitor(_ delivery: AlertDelivery, _ file: String?) throws -> AlertMonitor {
            var settings = AlertRuleSettings()
            settings.action = HealingAction(.restart)
            return try AlertMonitor(
                rules: try BuiltInRules.rules(settings: ["HadalWorkerDown": settings]), source: "gpu1", file: file,
                delivery: delivery, scrape: { self.value.withLock { $0 } },
                act: { event in self.acts.withLock { $0.append("\(event.action!) \(event.labels["model"])") } },
                clock: clock, logger: quiet)
        }

        func play(_ monitor: AlertMonitor, looks: Int) async {
            for _ in 0..<looks {
                await monitor.look()
                time.withLock { $0 += 15 }
            }
        }
    }

    @Test func aWorkerIsDown() async throws {
        let folder = try TemporaryDirectory()
        let server = try await StubServer.start { _ in .init() }
        let delivery = AlertDelivery(
            [AlertRoute("hook", try WebhookChannel(name: "hook", url: server.url))], logger: quiet)
        let running = Task { try await delivery.run() }
        let world = World()
        let monitor = try world.monitor(delivery, folder.file("alerts.json"))
        await world.play(monitor, looks: 2)
        world.value.withLock { $0 = "hadal_worker_ready{model=\"a\"} 0\n" }
        await world.play(monitor, looks: 10)
        while delivery.status[0].delivered < 1 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.requests.first?.json?["title"] == "[gpu1] CRITICAL: The model a cannot be asked.")
        #expect(world.acts.withLock { $0 } == ["restart a"])
        // What cannot be read changes nothing.
        world.value.withLock { $0 = "hadal_worker_ready{model=\"a\" 1\n" }
        await world.play(monitor, looks: 10)
        #expect(await monitor.state.alerts.count == 1)
        // Another process goes on, and tells that it is over.
        world.value.withLock { $0 = "hadal_worker_ready{model=\"a\"} 1\n" }
        let next = try world.monitor(delivery, folder.file("alerts.json"))
        await world.play(next, looks: 6)
        while delivery.status[0].delivered < 2 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.requests.last?.json?["events"]?[0]?["kind"] == "recovered")
        let state = await next.state
        #expect(state.alerts.isEmpty && state.recent.map(\.kind) == [.firing, .recovered])
        running.cancel()
        try await running.value
        try await server.stop()
    }

    @Test func silencesAndRulesAreKept() async throws {
        let folder = try TemporaryDirectory()
        let delivery = AlertDelivery([], logger: quiet)
        let (world, file) = (World(), folder.file("alerts.json"))
        let monitor = try world.monitor(delivery, file)
        let now = world.time.withLock { $0 }
        let silence = try Silence(rule: nil, from: now, until: now + 60, who: "ada", why: "tests")
        await monitor.add(silence)
        #expect(try await world.monitor(delivery, file).state.silences == [silence])
        #expect(await monitor.removeSilence(id: silence.id))
        #expect(try await world.monitor(delivery, file).state.silences.isEmpty)
        try await monitor.replace(rules: [.ofGauge()])
        #expect(await monitor.rules.map(\.name) == ["GaugeIsHigh"])
        // A damaged file is told of, and left out.
        try folder.write("{".utf8, "alerts.json")
        #expect(try await world.monitor(delivery, file).state == AlertState())
        try await monitor.run()
    }
}
