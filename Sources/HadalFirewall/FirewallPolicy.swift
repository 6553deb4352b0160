/// What is done at which score. Each tenant may have its own.
public struct FirewallPolicy: Sendable, Hashable {
    /// The least score for an action; `nil` where it is never taken. Scores are from 0 to 1.
    public struct Thresholds: Sendable, Hashable {
        public var flag: Double?
        public var review: Double?
        public var block: Double?

        public init(flag: Double?, review: Double?, block: Double?) {
            self.flag = flag
            self.review = review
            self.block = block
        }

        func action(for score: Double) -> FirewallAction {
            if let block, score >= block { return .block }
            if let review, score >= review { return .review }
            if let flag, score >= flag { return .flag }
            return .allow
        }
    }

    /// For what users write.
    public var user: Thresholds
    /// For documents and tool results.
    public var untrusted: Thresholds

    /// About 1 % of harmless prompts reach 0.5 (`Firewall/RESULTS.md`).
    public init(
        user: Thresholds = Thresholds(flag: 0.3, review: nil, block: 0.5),
        untrusted: Thresholds = Thresholds(flag: 0.5, review: nil, block: 0.7)
    ) {
        self.user = user
        self.untrusted = untrusted
    }
}

/// What to do with a request, in order of severity.
public enum FirewallAction: String, Sendable, Hashable, CaseIterable, Comparable {
    case allow
    /// Go on, and record it.
    case flag
    /// Wait for a person.
    case review
    case block

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public static func < (left: FirewallAction, right: FirewallAction) -> Bool { left.rank < right.rank }
}
