import Foundation

public enum RolloutKind: String, Sendable, Hashable, Codable, CaseIterable {
    case canary
    case ab
    case blueGreen = "blue-green"
    case shadow
    case rollback
}

public enum RolloutState: String, Sendable, Hashable, Codable, CaseIterable {
    /// Others have to approve it.
    case waiting
    /// The candidate is made ready and verified; it gets no requests.
    case preparing
    /// The candidate gets its share. Of blue-green: both are up.
    case running
    /// All requests go to the candidate; the baseline is drained.
    case promoting
    /// All requests go back to the baseline; the candidate is stopped.
    case aborting
    case promoted
    case aborted
    /// An A/B test or a shadow that ended with the baseline as it was.
    case ended
    /// It never began: not approved, or not in time.
    case refused

    public var isOver: Bool {
        switch self {
        case .waiting, .preparing, .running, .promoting, .aborting: false
        case .promoted, .aborted, .ended, .refused: true
        }
    }
}

/// One way from a version to another. At most one of a deployment is under way.
public struct Rollout: Sendable, Hashable {
    /// Later ones have higher numbers, over all deployments.
    public var id: Int64
    public var alias: String
    public var plan: RolloutPlan
    public var state: RolloutState
    /// The one that served when it began; nil for a deployment's first.
    public var baseline: Int?
    public var candidate: Int
    /// Of a canary: where in the plan's steps it is, from 0.
    public var step: Int
    /// When this step's share was set; nil while it is not.
    public var stepBegan: Date?
    /// How often the step's guardrails were looked at, and from how many requests on they are the next time.
    public var looks: Int
    public var nextLook: Int
    /// What it is to end as: set when `aborting` begins.
    public var outcome: RolloutState?
    public var started: Date
    public var by: ReleasePerson
    public var note: String
    /// What an approval is bound to: SHA-256 over the exact change, hexadecimal.
    public var digest: String
    /// Until when it must be approved; nil where nobody needs to.
    public var approvalUntil: Date?
    public var approvals: [Approval]
    public var ended: Date?
    /// Why it ended, or goes to its end.
    public var reason: String?
}

public struct Approval: Sendable, Hashable, Codable {
    public var by: ReleasePerson
    public var time: Date
}
