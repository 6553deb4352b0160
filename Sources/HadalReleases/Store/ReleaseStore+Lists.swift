import Foundation

extension ReleaseStore {
    /// By alias.
    public func deployments() throws(ReleaseError) -> [ReleaseDeployment] { try read { try DeploymentTable.all($0) } }

    public func deployment(_ alias: String) throws(ReleaseError) -> ReleaseDeployment {
        try read { try DeploymentTable.get($0, alias) }
    }

    /// By number, with those that are no longer kept.
    public func versions(_ alias: String) throws(ReleaseError) -> [ModelVersion] {
        try read { db in
            _ = try DeploymentTable.get(db, alias)
            return try VersionTable.all(db, alias)
        }
    }

    public func rollout(_ id: Int64) throws(ReleaseError) -> Rollout { try read { try RolloutTable.get($0, id) } }

    /// The one that is under way.
    public func rollout(of alias: String) throws(ReleaseError) -> Rollout? {
        try read { try RolloutTable.underWay($0, alias) }
    }

    /// Newest first.
    /// - Parameters:
    ///   - alias: nil: of all.
    ///   - before: goes on after the last one of an earlier call.
    ///   - limit: at most `pageMax`.
    public func rollouts(
        alias: String? = nil, before: Int64? = nil, limit: Int = 100
    ) throws(ReleaseError) -> [Rollout] {
        try read { try RolloutTable.list($0, alias: alias, before: before, limit: limit) }
    }

    /// Newest first, as `rollouts`.
    public func events(
        alias: String? = nil, rollout: Int64? = nil, before: Int64? = nil, limit: Int = 100
    ) throws(ReleaseError) -> [ReleaseEvent] {
        try read { try EventTable.list($0, alias: alias, rollout: rollout, before: before, limit: limit) }
    }

    /// What is yet to be carried out for an alias, in words, for progress.
    public func pending(_ alias: String) throws(ReleaseError) -> [String] {
        try read { try EffectTable.pending($0, alias).map(\.effect.name) }
    }
}
