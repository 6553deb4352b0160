import Foundation

/// One step of a release, as it is audited. It may be told twice (after a crash), with the same number.
public struct ReleaseEvent: Sendable, Hashable {
    public enum Action: String, Sendable, Hashable, Codable, CaseIterable {
        case deploymentMade = "deployment.make"
        case settingsChanged = "deployment.settings"
        case versionAdded = "version.add"
        case versionPruned = "version.prune"
        case requested = "rollout.request"
        case approved = "rollout.approve"
        case refused = "rollout.refuse"
        case started = "rollout.start"
        case stepTaken = "rollout.step"
        case trafficSet = "traffic.set"
        case promoting = "rollout.promote"
        case aborting = "rollout.abort"
        case finished = "rollout.finish"
        case effectFailed = "effect.fail"
    }

    /// Later ones have higher numbers.
    public var number: Int64
    public var time: Date
    public var alias: String
    public var rollout: Int64?
    public var action: Action
    public var by: ReleasePerson
    /// What it was and became, as `preparing` and `running`; empty where there is none.
    public var before: String
    public var after: String
    public var why: String
}
