import HadalJSON

/// What was found in a text and what was done about it. Holds no value that was found, so that it may be recorded.
public struct PrivacyVerdict: Sendable, Hashable {
    public struct Item: Sendable, Hashable {
        public var finding: Finding
        public var action: PrivacyAction
    }

    public var direction: PrivacyDirection
    /// In the order of the text.
    public var items: [Item]

    /// The strictest action; `nil` where nothing was found.
    public var action: PrivacyAction? { items.map(\.action).max() }

    public var isBlocked: Bool { action == .block }

    /// How often each kind was found.
    public var counts: [PersonalDataKind: Int] { items.reduce(into: [:]) { $0[$1.finding.kind, default: 0] += 1 } }

    /// `{"direction", "action", "findings": [{"kind", "start", "end", "confidence", "action"}]}`; UTF-8 offsets.
    public var json: JSON {
        let findings = items.map { item in
            JSON.object(
                JSON.Object([
                    ("kind", .string(item.finding.kind.rawValue)),
                    ("start", .int(Int64(item.finding.range.lowerBound))),
                    ("end", .int(Int64(item.finding.range.upperBound))),
                    ("confidence", .string(item.finding.confidence.rawValue)),
                    ("action", .string(item.action.rawValue)),
                ]))
        }
        return .object(
            JSON.Object([
                ("direction", .string(direction.rawValue)),
                ("action", action.map { .string($0.rawValue) } ?? .null),
                ("findings", .array(findings)),
            ]))
    }
}
