import Foundation

/// What one request that a version has served showed. No text of it.
public struct Observation: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable {
        case answered
        /// The version's fault: a crash, an error, no answer in time.
        case failed
        /// The client went away: counts for nothing but the number of requests seen.
        case cancelled
    }

    public var alias: String
    public var version: Int
    /// When the request came. One that came before a step began says nothing of the step.
    public var began: Date
    public var outcome: Outcome
    /// Seconds; nil where no token came.
    public var timeToFirstToken: Double?
    /// Seconds, of answers that are complete.
    public var total: Double?
    /// Of the answer after its first token; nil of short ones.
    public var tokensPerSecond: Double?
    /// The model refused to answer.
    public var isRefusal: Bool
    /// The firewall found something in prompt or answer.
    public var isFirewallHit: Bool
    /// A worker ended under it, whatever became of it then.
    public var isLoss: Bool

    public init(
        alias: String, version: Int, began: Date, outcome: Outcome, timeToFirstToken: Double? = nil,
        total: Double? = nil, tokensPerSecond: Double? = nil, isRefusal: Bool = false, isFirewallHit: Bool = false,
        isLoss: Bool = false
    ) {
        self.alias = alias
        self.version = version
        self.began = began
        self.outcome = outcome
        self.timeToFirstToken = timeToFirstToken
        self.total = total
        self.tokensPerSecond = tokensPerSecond
        self.isRefusal = isRefusal
        self.isFirewallHit = isFirewallHit
        self.isLoss = isLoss
    }

    /// Whether its numbers are such as can be measured.
    var isSound: Bool {
        [timeToFirstToken, total, tokensPerSecond].allSatisfy { $0.map { $0.isFinite && $0 >= 0 } ?? true }
    }
}
