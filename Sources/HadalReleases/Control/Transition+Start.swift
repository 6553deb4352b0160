import Crypto
import Foundation

extension Transition {
    /// Asks for a rollout; it begins at once where nobody needs to approve it.
    func start(_ alias: String, _ candidate: Int, _ plan: RolloutPlan, note: String) throws -> Rollout {
        try plan.check()
        try Self.check(note: note)
        let deployment = try DeploymentTable.get(db, alias)
        if let active = try RolloutTable.underWay(db, alias) {
            throw ReleaseError.underWay(alias: alias, rollout: active.id, kind: active.plan.kind)
        }
        guard plan.kind != .rollback else {
            throw ReleaseError.invalid(field: "kind", problem: "a rollback is asked for by hadal releases rollback")
        }
        let version = try VersionTable.get(db, alias, candidate)
        guard candidate != deployment.stable else {
            throw ReleaseError.alreadyServing(alias: alias, number: candidate)
        }
        guard deployment.stable != nil || plan.kind == .blueGreen else {
            throw ReleaseError.noBaseline(alias: alias, kind: plan.kind)
        }
        var fixed = plan
        if case .canary(var canary) = plan {
            canary.guardrails = canary.guardrails ?? deployment.settings.guardrails
            try canary.check()
            fixed = .canary(canary)
        }
        var rollout = try insert(deployment, version, fixed, .waiting, note: note)
        let approvals = deployment.settings.approvals
        try record(
            .requested, alias, rollout: rollout.id, before: deployment.stable.map { "version \($0)" } ?? "",
            after: "\(plan.kind.rawValue) to version \(candidate), content \(rollout.digest)", why: note)
        guard approvals.kinds.contains(plan.kind) else {
            try begin(&rollout, why: note)
            return rollout
        }
        rollout.approvalUntil = now + approvals.validSeconds
        try RolloutTable.update(db, rollout)
        return rollout
    }

    func insert(
        _ deployment: ReleaseDeployment, _ version: ModelVersion, _ plan: RolloutPlan, _ state: RolloutState,
        note: String
    ) throws -> Rollout {
        try RolloutTable.insert(
            db,
            Rollout(
                id: 0, alias: deployment.alias, plan: plan, state: state, baseline: deployment.stable,
                candidate: version.number, step: 0, looks: 0, nextLook: 0, started: now, by: by, note: note,
                digest: try Self.digest(deployment, version, plan), approvals: []))
    }

    /// Of all that decides what a rollout does.
    static func digest(
        _ deployment: ReleaseDeployment, _ version: ModelVersion, _ plan: RolloutPlan
    ) throws -> String {
        struct Change: Encodable {
            var alias: String
            var baseline: Int?
            var candidate: Int
            var content: VersionContent
            var plan: RolloutPlan
            var approvals: ApprovalSettings
        }
        let change = Change(
            alias: deployment.alias, baseline: deployment.stable, candidate: version.number,
            content: version.content, plan: plan, approvals: deployment.settings.approvals)
        return SHA256.hash(data: Data(try Columns.json(change).utf8)).map { String(format: "%02x", $0) }.joined()
    }

    /// Everything is decided: the candidate is made ready, and gets its first share.
    func begin(_ rollout: inout Rollout, why: String) throws {
        try move(&rollout, to: .preparing, .started, why: why)
        try raise(rollout.candidate, of: rollout.alias)
        let candidate = rollout.candidate
        try add([.prepare(candidate), .warm(candidate), .verify(candidate)] + firstRoute(rollout), to: rollout)
    }

    private func firstRoute(_ rollout: Rollout) -> [Effect] {
        switch rollout.plan {
        case .canary(let plan): route(rollout, plan.steps[0].share, plan.stickiness)
        case .ab(let plan): route(rollout, plan.share, plan.stickiness)
        case .shadow(let plan):
            rollout.baseline.map {
                [
                    .route(
                        .init(
                            shares: [$0: .all], mirror: Traffic.Mirror(version: rollout.candidate, share: plan.share)))
                ]
            } ?? []
        case .blueGreen, .rollback: []
        }
    }

    func route(_ rollout: Rollout, _ share: TrafficShare, _ stickiness: Stickiness) -> [Effect] {
        guard let baseline = rollout.baseline, share < .all else { return [.all(to: rollout.candidate)] }
        return [.route(.init(shares: [rollout.candidate: share, baseline: share.rest], stickiness: stickiness))]
    }
}
