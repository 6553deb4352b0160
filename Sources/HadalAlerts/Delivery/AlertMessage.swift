import Foundation
import HadalJSON

/// What one evaluation has to tell, as one message.
public struct AlertMessage: Sendable, Hashable {
    /// Events that are told in one message; the worst ones.
    public static let eventsMax = 50

    /// A new one for each message; the same for each try to deliver it.
    public let id: String
    public let time: Date
    /// Whose alerts: the server's name.
    public let source: String
    /// The worst first.
    public let events: [AlertEvent]
    /// How many there are besides.
    public let omitted: Int

    /// - Returns: nil where there is nothing that people are to be told.
    public init?(_ all: [AlertEvent], source: String, time: Date, id: String = UUID().uuidString.lowercased()) {
        let events = all.filter { $0.silence == nil }.sorted { left, right in
            (left.worstLevel, right.rule, right.labels) > (right.worstLevel, left.rule, left.labels)
        }
        let told = Array(events.prefix(Self.eventsMax))
        self.init(told, omitted: events.count - told.count, source: source, time: time, id: id)
    }

    private init?(_ events: [AlertEvent], omitted: Int, source: String, time: Date, id: String) {
        guard !events.isEmpty else { return nil }
        (self.id, self.time, self.source, self.events, self.omitted) = (id, time, source, events, omitted)
    }

    /// The same without what is below a level; nil where nothing is left.
    func from(_ level: AlertLevel) -> AlertMessage? {
        let left = events.filter { $0.worstLevel >= level }
        // Those that are omitted are not worse than the last that is not.
        let omitted = left.count == events.count ? omitted : 0
        return AlertMessage(left, omitted: omitted, source: source, time: time, id: id)
    }

    /// The worst that is now; nil: all of it is over.
    public var level: AlertLevel? { events.compactMap(\.level).max() }

    /// One line.
    public var title: String {
        let others = events.count + omitted - 1
        return "[\(source)] \(events[0].headline)" + (others > 0 ? " (and \(others) more)" : "")
    }
}

extension AlertEvent {
    /// What is to be done now, for people; empty: nothing, or what came of it is told instead.
    var actionLine: String { outcome == nil ? action.map { "Action: \($0.rawValue)" } ?? "" : "" }

    /// `CRITICAL: The model a cannot be asked.`
    var headline: String {
        switch kind {
        case .recovered: "RECOVERED: \(summary)"
        case .firing, .acting: "\(levelWord): \(summary)"
        case .reminder: "STILL \(levelWord): \(summary)"
        case .acted:
            "ACTION \(action?.rawValue ?? "") \(outcome?.result.rawValue ?? ""): \(outcome?.text ?? "") (\(summary))"
        case .escalated, .eased: "\(levelWord), was \(previousLevel?.rawValue ?? "nothing"): \(summary)"
        }
    }

    private var levelWord: String { level?.rawValue.uppercased() ?? "RECOVERED" }
}

extension AlertMessage {
    /// What webhooks and commands get (docs/alerts.md).
    public var json: JSON {
        [
            "version": 1,
            "id": .string(id),
            "time": .string(time.formatted(.iso8601)),
            "source": .string(source),
            "level": level.map { .string($0.rawValue) } ?? .null,
            "title": .string(title),
            "events": .array(events.map(\.json)),
            "omitted": .int(Int64(omitted)),
        ]
    }
}

extension AlertEvent {
    /// What webhooks and commands get, and what an administration may list (docs/alerts.md).
    public var json: JSON {
        .compact([
            ("kind", .string(kind.rawValue)),
            ("time", .string(time.formatted(.iso8601))),
            ("id", .string(id)),
            ("rule", .string(rule)),
            ("labels", .object(.init(labels.pairs.map { ($0.name, .string($0.value)) }))),
            ("level", level.map { .string($0.rawValue) } ?? .null),
            ("previous_level", previousLevel.map { .string($0.rawValue) } ?? .null),
            ("value", value.isFinite ? .double(value) : .null),
            ("value_text", .string(valueText)),
            ("since", .string(since.formatted(.iso8601))),
            ("summary", .string(summary)),
            ("advice", .string(advice)),
            ("action", action.map { .string($0.rawValue) }),
            ("outcome", outcome.map { ["result": .string($0.result.rawValue), "text": .string($0.text)] }),
            ("silence", silence.map { .string($0) }),
        ])
    }
}
