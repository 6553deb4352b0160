import Foundation

extension Transition {
    /// All requests to the candidate, by a person's word.
    func promote(_ id: Int64, why: String) throws -> Rollout {
        try Self.check(note: why)
        var rollout = try RolloutTable.get(db, id)
        guard rollout.state == .running, rollout.plan.kind != .shadow else {
            throw ReleaseError.wrongState(rollout: id, state: rollout.state, act: "promoted")
        }
        let approvals = try DeploymentTable.get(db, rollout.alias).settings.approvals
        guard !approvals.kinds.contains(rollout.plan.kind) || by.id != rollout.by.id else {
            throw ReleaseError.ownRequest(rollout: id)
        }
        try promote(&rollout, why: why)
        return rollout
    }

    /// All requests to the candidate; the baseline is drained and kept for a rollback.
    func promote(_ rollout: inout Rollout, why: String) throws {
        try EffectTable.removeAll(db, of: rollout.id)
        rollout.reason = why
        try move(&rollout, to: .promoting, .promoting, why: why)
        // What was rolled back from is not kept up; its memory is better spent.
        let keeps =
            try rollout.plan.kind != .rollback
            && DeploymentTable.get(db, rollout.alias).settings.standbySeconds > 0
        try add(
            [.all(to: rollout.candidate)]
                + takeDown(
                    allBut: rollout.candidate, standby: keeps ? rollout.baseline : nil, of: rollout.alias),
            to: rollout)
    }

    /// All requests back to the baseline, by a person's word.
    /// - Parameter outcome: `aborted`; or `ended` of an A/B test or a shadow that has told what it was to tell.
    func abort(_ id: Int64, outcome: RolloutState, why: String) throws -> Rollout {
        try Self.check(note: why)
        var rollout = try RolloutTable.get(db, id)
        if outcome == .ended {
            guard [.ab, .shadow].contains(rollout.plan.kind), rollout.state == .running else {
                throw ReleaseError.wrongState(rollout: id, state: rollout.state, act: "finished")
            }
        }
        switch rollout.state {
        case .waiting: return try refuse(id, why: why)
        case .preparing, .running, .promoting: try abort(&rollout, outcome: outcome, why: why)
        case .aborting, .promoted, .aborted, .ended, .refused:
            throw ReleaseError.wrongState(rollout: id, state: rollout.state, act: "aborted")
        }
        return rollout
    }

    func abort(_ rollout: inout Rollout, outcome: RolloutState = .aborted, why: String) throws {
        try EffectTable.removeAll(db, of: rollout.id)
        rollout.outcome = outcome
        rollout.reason = why
        try move(&rollout, to: .aborting, .aborting, why: why)
        try add(
            serve(rollout.baseline, of: rollout.alias) + takeDown(allBut: rollout.baseline, of: rollout.alias),
            to: rollout)
    }
}
