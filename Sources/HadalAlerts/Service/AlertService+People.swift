import Foundation
import HadalJSON
import Synchronization

/// What people ask of it.
extension AlertService {
    /// Alerts, silences, channels, the last events.
    public var json: JSON {
        let (engine, problem) = held.withLock { ($0.engine, $0.problem) }
        let now = Date()
        let alerts = engine.state.alerts.sorted { ($1.level ?? .warning, $0.rule) < ($0.level ?? .warning, $1.rule) }
        return .compact([
            ("problem", problem.map(JSON.string)),
            ("alerts", .array(alerts.map { $0.json(silence: engine.silence(of: $0, now: now)) })),
            ("measures", .array(engine.measures.map(\.json))),
            ("silences", .array(engine.state.silences.map(\.json))), ("channels", .array(delivery.status.map(\.json))),
            ("recent", .array(engine.state.recent.suffix(50).reversed().map(\.json))),
            ("rules", .array(engine.rules.map { .string($0.name) })),
        ])
    }

    /// - Throws: `AlertError` where there is no such rule.
    public func add(_ silence: Silence) throws(AlertError) {
        let known = held.withLock(\.engine.rules).map(\.name)
        if let rule = silence.rule, !known.contains(rule) { throw .noSuchRule(rule, known: known) }
        held.withLock { $0.engine.add(silence) }
        keep()
    }

    /// - Returns: whether there was one.
    public func removeSilence(id: String) -> Bool {
        let isRemoved = held.withLock { $0.engine.removeSilence(id: id) }
        keep()
        return isRemoved
    }

    /// Sends one message to one channel, and waits for what comes of it.
    public func test(channel: String) async throws(AlertError) {
        try await delivery.test(channel, .test(source: source))
    }
}

extension AlertMessage {
    fileprivate static func test(source: String) -> AlertMessage {
        let now = Date()
        let event = AlertEvent(
            kind: .firing, time: now, id: AlertEvent.id("Test", [:]), rule: "Test", labels: [:], level: .warning,
            previousLevel: nil, value: 1, valueText: "1", since: now, summary: "This is a test; nothing is wrong.",
            advice: "There is nothing to do.", action: nil, silence: nil)
        return AlertMessage([event], source: source, time: now)!
    }
}
