/// After how long without a first token a second attempt may be sent.
public enum HedgeDelay: Sendable, Hashable, CustomStringConvertible {
    case fixed(Duration)
    /// Of the target's times to the first token, in percent: 95 for p95.
    case percentile(Double)

    public var description: String {
        switch self {
        case .fixed(let delay): "\(DurationText.text(delay))"
        case .percentile(let percent): percent == percent.rounded() ? "p\(Int(percent))" : "p\(percent)"
        }
    }
}

/// By whom a weighted choice stays the same.
public enum Stickiness: String, Sendable, Hashable, CaseIterable {
    case request, user, tenant
}

/// Where the requests of a rule go.
public struct RouteUse: Sendable, Hashable {
    /// Tried in order; each place has one target or several by weight. A target may be the alias of another route.
    /// Not empty.
    public var chain: [[WeightedTarget]]
    public var sticky: Stickiness
    public var hedgeAfter: HedgeDelay?
    /// Of each attempt, to its first token.
    public var timeout: Duration?

    public init(
        chain: [[WeightedTarget]], sticky: Stickiness = .request, hedgeAfter: HedgeDelay? = nil,
        timeout: Duration? = nil
    ) {
        self.chain = chain
        self.sticky = sticky
        self.hedgeAfter = hedgeAfter
        self.timeout = timeout
    }
}

public struct RouteRule: Sendable, Hashable {
    /// Unique in its route.
    public var name: String
    public var condition: RouteCondition
    public var use: RouteUse

    public init(name: String, condition: RouteCondition, use: RouteUse) {
        self.name = name
        self.condition = condition
        self.use = use
    }
}

/// Where requests go that ask for an alias: as the first rule says that holds, or else the default.
public struct Route: Sendable, Hashable {
    public var alias: String
    public var rules: [RouteRule]
    public var fallback: RouteUse

    public init(alias: String, rules: [RouteRule] = [], fallback: RouteUse) {
        self.alias = alias
        self.rules = rules
        self.fallback = fallback
    }
}
