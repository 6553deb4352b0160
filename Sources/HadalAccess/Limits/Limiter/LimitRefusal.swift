/// Why a request is not begun: HTTP's 429, and 503 for `.usageUnknown` and `.crowded`.
public struct LimitRefusal: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        /// It would fit later.
        case exceeded
        /// The request alone is more than the limit: trying again is useless.
        case tooLarge
        /// Too many run, and as many as may wait do.
        case queueFull
        /// Too many run, and none has ended while it waited.
        case waitedTooLong
        /// The task was cancelled while it waited; nobody reads this.
        case cancelled
        /// What was used this month cannot be read from `usage.db`.
        case usageUnknown
        /// More scopes are being counted at the same time than may be.
        case crowded
    }

    public var reason: Reason
    /// nil where no limit is to blame.
    public var limit: LimitKind?
    public var scope: LimitScope?
    /// The limit's value; costs in billionths of a unit.
    public var value: Int?
    /// When a request such as this one would fit, as far as that can be known: exact for limits per minute, the begin
    /// of the next day or month for quotas, and from how long requests take for concurrency. nil: never.
    public var retryAfter: Duration?
    public var status: RateLimitStatus
    /// What the request would have needed, in the limit's measure.
    var needed = 0

    /// For `Retry-After`: whole seconds, rounded up, at least 1.
    public var retryAfterSeconds: Int? {
        retryAfter.map { duration in
            let (seconds, attoseconds) = duration.components
            return max(1, Int(seconds) + (attoseconds > 0 ? 1 : 0))
        }
    }
}

extension LimitRefusal: CustomStringConvertible {
    /// For the client: names nobody but the client itself and the model it asked for.
    public var description: String {
        let again = retryAfterSeconds.map { "; try again in \($0) second\($0 == 1 ? "" : "s")" } ?? ""
        switch reason {
        case .cancelled: return "the request was withdrawn while it waited"
        case .usageUnknown: return "what was used this month cannot be read at the moment" + again
        case .crowded: return "too many different users and keys at the same time" + again
        case .exceeded, .tooLarge, .queueFull, .waitedTooLong: break
        }
        guard let limit, let scope, let value else { return "too many requests" + again }
        let amount = limit.phrase(value) + " for " + scope.textForClient
        switch reason {
        case .tooLarge where value == 0: return "the limit of \(amount) lets nothing through"
        case .tooLarge:
            return "this request may need \(limit.phrase(needed)), more than the limit of \(amount) alone; "
                + "shorten the prompt or ask for a shorter answer (max_tokens)"
        case .queueFull: return "\(amount) are running and as many wait as may" + again
        case .waitedTooLong: return "\(amount) are running and none ended while this one waited" + again
        default: return "the limit of \(amount) is reached" + again
        }
    }
}

extension LimitKind {
    fileprivate func phrase(_ value: Int) -> String {
        switch self {
        case .requestsPerMinute: "\(value) request\(value == 1 ? "" : "s") per minute"
        case .tokensPerMinute: "\(value) token\(value == 1 ? "" : "s") per minute"
        case .concurrentRequests: "\(value) request\(value == 1 ? "" : "s") at the same time"
        case .tokensPerDay: "\(value) token\(value == 1 ? "" : "s") per day (UTC)"
        case .tokensPerMonth: "\(value) token\(value == 1 ? "" : "s") per month (UTC)"
        case .costPerMonth: "a cost of \(Cost(billionths: value)) per month (UTC)"
        }
    }
}
