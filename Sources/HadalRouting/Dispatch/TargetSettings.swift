/// How a target's members are used.
public struct TargetSettings: Sendable, Hashable {
    public var balancer = BalancerSettings()
    public var breaker = CircuitBreakerSettings()
    public var ejection = OutlierEjectionSettings()
    public var hedge = HedgeSettings()
    public var retry = RetryBudgetSettings()
    /// How many members of the target one request tries, second calls apart; at least 1.
    public var attempts = 2
    /// What it can do; nil where that is not known, and everything is tried.
    public var features: Set<RouteFeature>?

    public init() {}
}

/// Why a target of a plan was not asked, or not again.
public enum SkipReason: Error, Sendable, Hashable, CustomStringConvertible {
    case unknownTarget
    case noMembers
    /// All that could be asked have been.
    case allTried
    /// All that could be asked have as many requests as they may.
    case busy
    /// All that could be asked are ejected or behind an open breaker; the first until then, nil where a probe is
    /// under way.
    case unavailable(until: ContinuousClock.Instant?)
    /// Too many requests were asked again.
    case retriesSpent
    case lacks([RouteFeature])
    /// One request tries no more members.
    case attemptsSpent

    public var description: String {
        switch self {
        case .unknownTarget: "there is no such target"
        case .noMembers: "it has no members that take requests"
        case .allTried: "all its members were tried"
        case .busy: "all its members are busy"
        case .unavailable: "its members are ejected or their circuits open"
        case .retriesSpent: "its budget of retries is spent"
        case .lacks(let features): "it lacks \(features.map(\.rawValue).joined(separator: ", "))"
        case .attemptsSpent: "it was tried often enough"
        }
    }
}

/// How a call to a member ended.
public enum Outcome: Sendable, Hashable {
    /// Also an answer that refuses the request: the member works.
    case success
    /// No answer, or an error of the member's.
    case failure
    /// The member works, and has too much to do.
    case overloaded
    /// Nobody wanted the answer any more.
    case cancelled
}
