import HadalJSON

/// What the firewall thinks of a request, and why.
public struct FirewallVerdict: Sendable, Hashable {
    /// One sign of an attack.
    public struct Reason: Sendable, Hashable {
        /// The rule (`override/ignore-previous`), `classifier`, `split-words` or `too-deep`.
        public var name: String
        public var family: AttackFamily
        /// What it adds to the logit of an attack; the classifier's may be negative.
        public var weight: Double
        /// Which message.
        public var message: Int
        /// UTF-8 offsets in the message; `nil` where the sign is in decoded text.
        public var range: Range<Int>?
        /// How the text was encoded, if it was.
        public var encoding: Encoding?
    }

    /// From 0 to 1: the score of the message that the action is for.
    public var score: Double
    /// What the heaviest reason is of; `nil` where nothing was found.
    public var family: AttackFamily?
    /// The heaviest first.
    public var reasons: [Reason]
    public var action: FirewallAction

    static let harmless = FirewallVerdict(score: 0, family: nil, reasons: [], action: .allow)

    public var json: JSON {
        .object(
            JSON.Object([
                ("action", .string(action.rawValue)), ("score", .double(score)),
                ("family", family.map { .string($0.rawValue) } ?? .null),
                ("reasons", .array(reasons.map(\.json))),
            ]))
    }
}

extension FirewallVerdict.Reason {
    public var json: JSON {
        var members: [(String, JSON)] = [
            ("name", .string(name)), ("family", .string(family.rawValue)), ("weight", .double(weight)),
            ("message", .int(Int64(message))),
        ]
        if let range {
            members.append(("start", .int(Int64(range.lowerBound))))
            members.append(("end", .int(Int64(range.upperBound))))
        }
        if let encoding { members.append(("encoding", .string(encoding.rawValue))) }
        return .object(JSON.Object(members))
    }
}
