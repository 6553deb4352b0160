import Foundation
import HadalJSON
import Synchronization
import Testing

@testable import HadalAlerts

/// What is due is done beside the alerts, and told of.
@Suite(.timeLimit(.minutes(15))) struct ActTests {
    private final class Memory: AlertChannel, Sendable {
        let kind = "memory"
        private let held = Mutex<[AlertEvent]>([])

        var events: [AlertEvent] { held.withLock { $0 } }

        func send(_ message: AlertMessage) async throws(AlertError) { held.withLock { $0 += message.events } }
    }

    /// Writes down what it is asked.
    private final class Helper: Healer, Sendable {
        struct Broken: Error, CustomStringConvertible { let description = "it is broken" }

        private let held = Mutex<[String]>([])
        private let answer: @Sendable (AlertEvent) async throws -> String

        init(_ answer: @escaping @Sendable (AlertEvent) async throws -> String) { self.answer = answer }

        var asked: [String] { held.withLock { $0 } }
        private func note(_ text: String) { held.withLock { if $0.last != text { $0.append(text) } } }

        func act(_ event: AlertEvent) async throws -> String {
            note("act \(event.labels["model"])")
            return try await answer(event)
        }

        func end(_ event: AlertEvent) async -> String {
            note("end")
            return "let in again"
        }

        func keep(_ events: [AlertEvent]) { note("keep \(events.count)") }
    }

    private static func rule(_ kind: HealingAction.Kind) -> AlertRule {
        AlertRule(
            "Down", .gauge(Selector("hadal_worker_ready")), .below([.critical: 1]), eases: 0, clearance: 0,
            summary: "{model} is down.", advice: "Look.", action: HealingAction(kind))
    }

    private static func run(
        _ kind: HealingAction.Kind, _ helper: Helper,
        _ body: (AlertService, Memory, (Bool) -> Void) async throws -> Void
    ) async throws {
        let (text, channel) = (SharedText(), Memory())
        text.set(false)
        let service = try AlertService(
            rules: [rule(kind)], routes: [AlertRoute("ops", channel)], interval: .seconds(3600),
            repeatAfter: .seconds(3600), source: "test", file: nil, healer: helper, logger: quiet,
            metrics: { text.text })
        let running = Task { try await service.run() }
        defer { running.cancel() }
        try await body(service, channel) { text.set($0) }
    }

    private final class SharedText: Sendable {
        private let held = Mutex("")
        var text: String { held.withLock { $0 } }
        func set(_ isUp: Bool) { held.withLock { $0 = "hadal_worker_ready{model=\"a\"} \(isUp ? 1 : 0)\n" } }
    }

    @Test func whatLastsIsBegunKeptAndTakenBack() async throws {
        let helper = Helper { _ in "refused" }
        try await Self.run(.shed, helper) { service, channel, set in
            let start = Date()
            await service.look(now: start)
            while channel.events.count < 2 { await Task.yield() }
            #expect(channel.events.map(\.kind) == [.firing, .acted] && channel.events[0].action == .shed)
            #expect(channel.events[1].outcome == HealingOutcome(.done, "refused"))
            #expect(service.json["measures"]?[0]?["action"] == "shed")
            #expect(service.json["recent"]?[0]?["outcome"]?["result"] == "done")
            set(true)
            await service.look(now: start + 15)
            while channel.events.count < 4 { await Task.yield() }
            #expect(Set(channel.events[2...].map(\.kind)) == [.recovered, .acted])
            #expect(channel.events.last?.outcome == HealingOutcome(.ended, "let in again"))
            #expect(service.json["measures"]?.array?.isEmpty == true)
            while helper.asked.last != "keep 0" { await Task.yield() }
            #expect(helper.asked.filter { $0 != "keep 1" } == ["keep 0", "act a", "end", "keep 0"])
        }
    }

    @Test func aServerThatIsReplacedKeepsNothing() async throws {
        let helper = Helper { _ in "refused" }
        try await Self.run(.shed, helper) { service, channel, _ in
            await service.look(now: Date())
            while channel.events.count < 2 { await Task.yield() }
            await service.look(now: Date() + 15)
            while helper.asked.last != "keep 1" { await Task.yield() }
            service.giveAway()
            while helper.asked.last != "keep 0" { await Task.yield() }
            // The server after this one goes on with it.
            #expect(service.json["measures"]?.array?.count == 1)
        }
    }

    @Test func anActThatFailsHoldsUpNothing() async throws {
        for (error, result) in [
            (Helper.Broken() as any Error, HealingOutcome.Result.failed), (HealingSkipped("nothing there"), .skipped),
        ] {
            let helper = Helper { _ in throw error }
            try await Self.run(.restart, helper) { service, channel, _ in
                await service.look(now: Date())
                while channel.events.count < 2 { await Task.yield() }
                #expect(channel.events[1].outcome == HealingOutcome(result, "\(error)"))
                #expect(channel.events[1].headline.contains("restart \(result.rawValue): \(error)"))
            }
        }
    }

    /// One that never returns is beside the others.
    @Test func anActThatTakesLongHoldsUpNothing() async throws {
        let helper = Helper { _ in
            try await Task.sleep(for: .seconds(3600))
            return ""
        }
        try await Self.run(.restart, helper) { service, channel, set in
            let start = Date()
            await service.look(now: start)
            while !helper.asked.contains("act a") { await Task.yield() }
            set(true)
            await service.look(now: start + 15)
            while channel.events.count < 2 { await Task.yield() }
            #expect(channel.events.map(\.kind) == [.firing, .recovered])
        }
        await #expect(throws: TimeLimitPassed.self) {
            try await within(.milliseconds(1)) { try await Task.sleep(for: .seconds(3600)) }
        }
    }
}
