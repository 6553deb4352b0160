import Foundation

/// What persons do. Each act is checked, written and recorded as one.
extension ReleaseController {
    /// Makes a deployment, or changes its settings.
    /// - Parameter isConfiguration: from the configuration file, which alone may weaken approvals.
    public func configure(
        _ alias: String, _ settings: DeploymentSettings, isConfiguration: Bool = false, by: ReleasePerson
    ) throws(ReleaseError) {
        try change(alias, by: by) { try $0.configure(alias, settings, isConfiguration: isConfiguration) }
    }

    public func addVersion(
        _ alias: String, _ content: VersionContent, note: String = "", by: ReleasePerson
    ) throws(ReleaseError) -> ModelVersion {
        try change(alias, by: by) { try $0.addVersion(alias, content, note: note) }
    }

    /// - Returns: the rollout: `preparing`, or `waiting` for others' approval.
    public func start(
        _ alias: String, to candidate: Int, _ plan: RolloutPlan, note: String = "", by: ReleasePerson
    ) throws(ReleaseError) -> Rollout {
        try change(alias, by: by) { try $0.start(alias, candidate, plan, note: note) }
    }

    /// - Parameter digest: `Rollout.digest` as the person saw it.
    public func approve(_ rollout: Int64, digest: String, by: ReleasePerson) throws(ReleaseError) -> Rollout {
        try change(try alias(of: rollout), by: by) { try $0.approve(rollout, digest: digest) }
    }

    public func refuse(_ rollout: Int64, why: String, by: ReleasePerson) throws(ReleaseError) -> Rollout {
        try change(try alias(of: rollout), by: by) { try $0.refuse(rollout, why: why) }
    }

    /// All requests to the candidate now: the switch of a blue-green that waits for it, the winner of an A/B test, or a
    /// canary whose other steps are left out.
    public func promote(_ rollout: Int64, why: String, by: ReleasePerson) throws(ReleaseError) -> Rollout {
        try change(try alias(of: rollout), by: by, isUrgent: true) { try $0.promote(rollout, why: why) }
    }

    public func abort(_ rollout: Int64, why: String, by: ReleasePerson) throws(ReleaseError) -> Rollout {
        try change(try alias(of: rollout), by: by, isUrgent: true) {
            try $0.abort(rollout, outcome: .aborted, why: why)
        }
    }

    /// Ends an A/B test or a shadow; the baseline serves on.
    public func finish(_ rollout: Int64, why: String, by: ReleasePerson) throws(ReleaseError) -> Rollout {
        try change(try alias(of: rollout), by: by, isUrgent: true) {
            try $0.abort(rollout, outcome: .ended, why: why)
        }
    }

    /// Back to an earlier version, from whatever is under way.
    /// - Parameter version: nil: the one before.
    public func rollBack(
        _ alias: String, to version: Int? = nil, why: String, by: ReleasePerson
    ) throws(ReleaseError) -> Rollout {
        try change(alias, by: by, isUrgent: true) { try $0.rollBack(alias, to: version, why: why) }
    }

    private func alias(of rollout: Int64) throws(ReleaseError) -> String { try store.rollout(rollout).alias }
}
