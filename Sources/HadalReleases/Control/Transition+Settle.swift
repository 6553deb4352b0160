import Foundation

extension Transition {
    /// All effects of a rollout's state are done: the next state.
    func settle(_ settled: Rollout) throws {
        var rollout = settled
        switch rollout.state {
        case .preparing: try prepared(&rollout)
        case .running where rollout.stepBegan == nil: try beginStep(&rollout)
        case .promoting: try promoted(&rollout)
        case .aborting:
            try keepUp(allBut: rollout.baseline, of: rollout.alias)
            try move(&rollout, to: rollout.outcome ?? .aborted, .finished, why: rollout.reason ?? "")
        case .waiting, .running, .promoted, .aborted, .ended, .refused: break
        }
    }

    private func prepared(_ rollout: inout Rollout) throws {
        switch rollout.plan {
        case .canary, .ab, .shadow:
            try beginStep(&rollout)
            try move(&rollout, to: .running, .stepTaken, why: "version \(rollout.candidate) is ready and verified")
        case .blueGreen(let plan) where !plan.switchesByItself:
            try move(&rollout, to: .running, .stepTaken, why: "both are up; promote to switch")
        case .blueGreen, .rollback:
            try promote(&rollout, why: "version \(rollout.candidate) is ready and verified")
        }
    }

    private func beginStep(_ rollout: inout Rollout) throws {
        (rollout.stepBegan, rollout.looks) = (now, 0)
        if case .canary(let plan) = rollout.plan { rollout.nextLook = CanaryJudge.firstLook(plan.guardrails ?? []) }
        try RolloutTable.update(db, rollout)
    }

    private func promoted(_ rollout: inout Rollout) throws {
        let (alias, isRollback) = (rollout.alias, rollout.plan.kind == .rollback)
        if let baseline = rollout.baseline, baseline != rollout.candidate,
            var version = try VersionTable.find(db, alias, baseline)
        {
            version.served = now
            if isRollback { version.rolledBack = now }
            try VersionTable.update(db, version)
        }
        if var version = try VersionTable.find(db, alias, rollout.candidate) {
            (version.served, version.rolledBack) = (now, nil)
            try VersionTable.update(db, version)
        }
        try DeploymentTable.set(db, alias, stable: rollout.candidate)
        try keepUp(allBut: rollout.candidate, of: alias)
        try move(&rollout, to: .promoted, .finished, why: rollout.reason ?? "")
        try prune(alias)
    }

    /// Versions whose workers are up yet are so for a while only.
    private func keepUp(allBut serving: Int?, of alias: String) throws {
        let seconds = try DeploymentTable.get(db, alias).settings.standbySeconds
        for var version in try VersionTable.all(db, alias)
        where version.isUp && version.standbyUntil == nil && version.number != serving {
            version.standbyUntil = now + seconds
            try VersionTable.update(db, version)
        }
    }

    /// What the guardrails say of a canary's step. Nothing where it has gone on since they looked.
    func judge(_ seen: Rollout, _ decision: CanaryJudge.Decision) throws {
        var rollout = try RolloutTable.get(db, seen.id)
        guard rollout.state == .running, rollout.step == seen.step, rollout.stepBegan == seen.stepBegan,
            rollout.stepBegan != nil, case .canary(let plan) = rollout.plan
        else { return }
        switch decision {
        case .wait: break
        case .looked(let nextLook):
            rollout.looks += 1
            rollout.nextLook = nextLook
            try RolloutTable.update(db, rollout)
        case .abort(let reason): try abort(&rollout, why: reason)
        case .advance(let reason):
            guard rollout.step + 1 < plan.steps.count else { return try promote(&rollout, why: reason) }
            let next = plan.steps[rollout.step + 1].share
            try record(
                .stepTaken, rollout.alias, rollout: rollout.id, before: "\(plan.steps[rollout.step].share)",
                after: "\(next)", why: reason)
            rollout.step += 1
            rollout.stepBegan = nil
            try RolloutTable.update(db, rollout)
            try add(route(rollout, next, plan.stickiness), to: rollout)
        }
    }

    /// Stops versions whose time beside the one that serves is over.
    func stopStandby(_ alias: String) throws {
        guard try RolloutTable.underWay(db, alias) == nil, try EffectTable.next(db, alias) == nil else { return }
        let over = try VersionTable.all(db, alias).filter { $0.isUp && ($0.standbyUntil.map { $0 <= now } ?? false) }
        try EffectTable.add(
            db, over.flatMap { [.drain($0.number), .stop($0.number)] }, alias: alias, rollout: nil)
    }
}
