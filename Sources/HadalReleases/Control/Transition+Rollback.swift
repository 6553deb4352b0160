import Foundation

extension Transition {
    /// Back to an earlier version, whatever is under way; that ends. Asked for again, it is the same rollback.
    /// - Parameter named: nil: the one before: of a rollout under way its baseline, else the last that served and was
    ///   not rolled back from.
    func rollBack(_ alias: String, to named: Int?, why: String) throws -> Rollout {
        try Self.check(note: why)
        let deployment = try DeploymentTable.get(db, alias)
        let active = try RolloutTable.underWay(db, alias)
        if let active, let going = Self.destination(active), named == nil || named == going { return active }
        let target = try target(deployment, active, named)
        guard target.number != deployment.stable || active != nil else {
            throw ReleaseError.alreadyServing(alias: alias, number: target.number)
        }
        if let active { try supersede(active, "rolled back to version \(target.number): \(why)") }
        let shares = deployment.traffic.allocation.shares
        var rollout = try insert(deployment, target, .rollback, .preparing, note: why)
        try record(
            .requested, alias, rollout: rollout.id, before: deployment.stable.map { "version \($0)" } ?? "",
            after: "rollback to version \(target.number)", why: why)
        if shares[target.number] != nil {
            // It serves already: the requests go there first, and what can be verified is verified then.
            try move(&rollout, to: .promoting, .started, why: why)
            try raise(target.number, of: alias)
            try add(
                [.all(to: target.number), .verify(target.number)] + takeDown(allBut: target.number, of: alias),
                to: rollout)
            return rollout
        }
        try raise(target.number, of: alias)
        try record(
            .started, alias, rollout: rollout.id, after: RolloutState.preparing.rawValue, why: why)
        // A candidate that is left behind gets no more requests while the target is made ready.
        let stable = deployment.stable.flatMap { active != nil && shares[$0] != nil ? $0 : nil }
        try add(
            (stable.map { [.all(to: $0)] } ?? [])
                + [.prepare(target.number), .warm(target.number), .verify(target.number)],
            to: rollout)
        return rollout
    }

    /// Where a rollout goes that goes back already.
    private static func destination(_ rollout: Rollout) -> Int? {
        if rollout.state == .aborting { return rollout.baseline }
        return rollout.plan.kind == .rollback ? rollout.candidate : nil
    }

    private func target(
        _ deployment: ReleaseDeployment, _ active: Rollout?, _ named: Int?
    ) throws -> ModelVersion {
        if let named {
            let version = try VersionTable.get(db, deployment.alias, named)
            guard version.served != nil else {
                throw ReleaseError.neverServed(alias: deployment.alias, number: named)
            }
            return version
        }
        if let active, active.state != .waiting, let baseline = active.baseline {
            return try VersionTable.get(db, deployment.alias, baseline)
        }
        let earlier = try VersionTable.all(db, deployment.alias).filter {
            $0.pruned == nil && $0.number != deployment.stable && $0.rolledBack == nil
        }
        guard
            let last = earlier.filter({ $0.served != nil })
                .max(by: { ($0.served ?? now, $0.number) < ($1.served ?? now, $1.number) })
        else { throw ReleaseError.noPrevious(alias: deployment.alias) }
        return last
    }

    private func supersede(_ active: Rollout, _ reason: String) throws {
        var active = active
        try EffectTable.removeAll(db, of: active.id)
        active.reason = reason
        if active.state == .waiting {
            try move(&active, to: .refused, .refused, why: reason)
        } else {
            try move(&active, to: .aborted, .finished, why: reason)
        }
    }
}
