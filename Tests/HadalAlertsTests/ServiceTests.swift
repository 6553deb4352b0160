import Foundation
import HadalJSON
import Logging
import Synchronization
import Testing

@testable import HadalAlerts

/// From a scrape to a message, and what is known after a restart.
@Suite(.timeLimit(.minutes(15)))
struct ServiceTests {
    private final class Memory: AlertChannel, Sendable {
        let kind = "memory"
        let messages = Mutex<[AlertMessage]>([])

        func send(_ message: AlertMessage) async throws(AlertError) { messages.withLock { $0.append(message) } }
    }

    private final class Kept: Sendable {
        let data = Mutex<Data?>(nil)
        let isFull = Mutex(false)

        var file: AlertService.StateFile {
            (
                read: { self.data.withLock { $0 } },
                write: { data in
                    if self.isFull.withLock({ $0 }) { throw AlertError.state(problem: "full") }
                    self.data.withLock { $0 = data }
                }
            )
        }
    }

    private final class SharedText: Sendable {
        let text: Mutex<String>
        init(_ text: String) { self.text = Mutex(text) }
    }

    private static func service(_ text: SharedText, _ channel: Memory, _ kept: Kept? = nil) throws -> AlertService {
        try AlertService(
            rules: try BuiltInRules.rules(), routes: [AlertRoute("ops", channel)], interval: .seconds(15),
            repeatAfter: .seconds(3600), source: "test", file: kept?.file,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, metrics: { text.text.withLock { $0 } })
    }

    private static let down = "hadal_worker_ready{model=\"a\"} 0\n"
    private static let up = "hadal_worker_ready{model=\"a\"} 1\n"

    /// Looks each quarter of a minute.
    private static func look(_ service: AlertService, from start: Date, seconds: Int) async {
        for second in stride(from: 0, through: seconds, by: 15) {
            await service.look(now: start.addingTimeInterval(TimeInterval(second)))
        }
    }

    @Test func whatIsWrongIsToldAndThenThatItIsOver() async throws {
        let (channel, text, kept) = (Memory(), SharedText(Self.down), Kept())
        let service = try Self.service(text, channel, kept)
        let running = Task { try await service.run() }
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        await Self.look(service, from: start, seconds: 300)
        while channel.messages.withLock({ $0.isEmpty }) { await Task.yield() }
        #expect(channel.messages.withLock { $0[0].events[0].labels } == ["model": "a"])
        #expect(service.json["alerts"]?[0]?["labels"]?["model"] == "a")

        // Another process knows of it, and tells nothing anew.
        let other = Memory()
        let next = try Self.service(text, other, kept)
        await Self.look(next, from: start.addingTimeInterval(315), seconds: 60)
        #expect(next.json["alerts"]?[0]?["level"] != nil)
        text.text.withLock { $0 = Self.up }
        let nextRunning = Task { try await next.run() }
        await Self.look(next, from: start.addingTimeInterval(400), seconds: 600)
        while other.messages.withLock({ $0.isEmpty }) { await Task.yield() }
        #expect(other.messages.withLock { $0.map { $0.events[0].kind } } == [.recovered])
        #expect(next.json["alerts"]?.array?.isEmpty == true)
        running.cancel()
        nextRunning.cancel()
    }

    @Test func silencedAlertsAreListedAndNotTold() async throws {
        let (channel, text) = (Memory(), SharedText(Self.down))
        let service = try Self.service(text, channel)
        let start = Date()
        let silence = try Silence(rule: nil, from: start, until: start + 7200, who: "ada", why: "moving")
        try service.add(silence)
        #expect(throws: AlertError.self) {
            try service.add(try Silence(rule: "Nothing", from: start, until: start + 1, who: "a", why: "b"))
        }
        await Self.look(service, from: start, seconds: 300)
        #expect(service.json["alerts"]?[0]?["silence"]?.string == silence.id)
        #expect(service.json["silences"]?[0]?["why"] == "moving")
        #expect(channel.messages.withLock { $0.isEmpty })
        #expect(service.removeSilence(id: silence.id) && !service.removeSilence(id: silence.id))
    }

    @Test func metricsThatMakeNoSenseAreSaidSo() async throws {
        let service = try Self.service(SharedText("hadal_worker_ready{model=\"a\" 0\n"), Memory())
        await service.look(now: Date())
        #expect(service.json["problem"]?.string?.contains("line 1") == true)
    }

    /// Also where nothing can be kept, people are told.
    @Test func aFullDiskHoldsUpNothing() async throws {
        let (channel, kept) = (Memory(), Kept())
        kept.isFull.withLock { $0 = true }
        let service = try Self.service(SharedText(Self.down), channel, kept)
        let running = Task { try await service.run() }
        await Self.look(service, from: Date(timeIntervalSince1970: 1_800_000_000), seconds: 300)
        while channel.messages.withLock({ $0.isEmpty }) { await Task.yield() }
        running.cancel()
        // Given away, it looks at nothing any more.
        service.giveAway()
        let before = service.json["alerts"]
        await Self.look(service, from: Date(timeIntervalSince1970: 1_800_000_000), seconds: 300)
        #expect(service.json["alerts"] == before)
    }

    @Test func aChannelCanBeTried() async throws {
        let channel = Memory()
        let service = try Self.service(SharedText(Self.up), channel)
        try await service.test(channel: "ops")
        #expect(channel.messages.withLock { $0.count } == 1)
        await #expect(throws: AlertError.self) { try await service.test(channel: "nobody") }
    }

    /// `hadal alerts rules > Deploy/alerts.yml`.
    @Test func deployedRulesAreThese() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/alerts.yml")
        #expect(try String(contentsOf: path, encoding: .utf8) == PrometheusRules.yaml(try BuiltInRules.rules()))
    }
}
