import Foundation

/// What a version showed during one step of a rollout. About 30 kB, however many requests there are.
public struct VersionWindow: Sendable, Hashable, Codable {
    /// Answered or failed.
    public private(set) var finished = 0
    public private(set) var errors = 0
    public private(set) var cancelled = 0
    public private(set) var refusals = 0
    public private(set) var firewallHits = 0
    /// Requests whose worker ended under them.
    public private(set) var losses = 0
    /// Observations that made no sense and were left out.
    public private(set) var unsound = 0
    public private(set) var timeToFirstToken: Reservoir
    public private(set) var total: Reservoir
    public private(set) var tokensPerSecond: Reservoir

    public init(seed: UInt64) {
        timeToFirstToken = Reservoir(seed: seed)
        total = Reservoir(seed: seed &+ 1)
        tokensPerSecond = Reservoir(seed: seed &+ 2)
    }

    public mutating func add(_ observation: Observation) {
        guard observation.isSound else {
            unsound += 1
            return
        }
        if observation.outcome == .cancelled {
            cancelled += 1
            return
        }
        finished += 1
        if observation.outcome == .failed { errors += 1 }
        if observation.isRefusal { refusals += 1 }
        if observation.isFirewallHit { firewallHits += 1 }
        if observation.isLoss { losses += 1 }
        if let value = observation.timeToFirstToken { timeToFirstToken.add(value) }
        // A failure that comes at once must not make a version look fast.
        guard observation.outcome == .answered else { return }
        if let value = observation.total { total.add(value) }
        if let value = observation.tokensPerSecond { tokensPerSecond.add(value) }
    }
}
