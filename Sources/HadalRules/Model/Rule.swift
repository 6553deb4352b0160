/// One rule of an organisation, as its file has it.
public struct Rule: Sendable {
    public let id: String
    public let description: String
    /// The file and line where it stands.
    public let file: String
    public let line: Int
    /// Whether it counts at all.
    public let isEnabled: Bool
    /// Whether it, its file or its set only shows what it would do.
    public let isDryRun: Bool
    /// Rules with a higher one come first; of equal ones that which was written first.
    public let priority: Int
    /// Whether no rule behind it counts where it hits.
    public let stops: Bool
    /// What it adds to the score where it hits.
    public let weight: Double
    public let scope: RuleScope
    /// nil for a rule that only adds its weight.
    public let action: RuleAction?
    /// Added to what is tagged where it hits.
    public let tags: [String]
    let condition: RuleCondition
}

public enum RuleDirection: String, Sendable, CaseIterable {
    /// What goes to the model.
    case input
    /// What comes from it.
    case output
}

/// What a rule does to a text.
public enum RuleAction: Sendable, Hashable {
    /// The user gets the message instead of an answer.
    case block(message: String?)
    /// The places that match are replaced.
    case replace(text: String)
    case tag
    /// Another model answers.
    case route(model: String)
    /// Somebody must look at it.
    case requireReview(message: String?)
    /// No further rule counts, and no threshold.
    case allow

    public var kind: RuleOutcome {
        switch self {
        case .block: .block
        case .replace: .replace
        case .tag: .tag
        case .route: .route
        case .requireReview: .requireReview
        case .allow: .allow
        }
    }
}

/// What comes of a text in the end; each is more than those before it.
public enum RuleOutcome: String, Sendable, CaseIterable, Comparable {
    case pass, tag, allow, replace, route
    case requireReview = "require_review"
    case block

    public static func < (left: RuleOutcome, right: RuleOutcome) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What a rule is for; an empty list is for all.
public struct RuleScope: Sendable, Hashable {
    public var directions: Set<RuleDirection> = Set(RuleDirection.allCases)
    public var tenants: [NamePattern] = []
    public var users: [NamePattern] = []
    public var roles: [NamePattern] = []
    public var models: [NamePattern] = []
    public var endpoints: [NamePattern] = []

    func covers(_ metadata: RuleMetadata, _ direction: RuleDirection) -> Bool {
        directions.contains(direction) && covers(tenants, metadata.tenant) && covers(users, metadata.user)
            && covers(models, metadata.model) && covers(endpoints, metadata.endpoint)
            && (roles.isEmpty || metadata.roles.contains { role in roles.contains { $0.matches(role) } })
    }

    private func covers(_ patterns: [NamePattern], _ name: String?) -> Bool {
        guard !patterns.isEmpty else { return true }
        guard let name else { return false }
        return patterns.contains { $0.matches(name) }
    }
}
