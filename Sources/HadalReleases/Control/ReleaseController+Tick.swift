import Foundation
import Logging

/// What happens by itself.
extension ReleaseController {
    /// Looks at everything that time or requests decide: canaries' steps, approvals that were not given, versions that
    /// are kept up no longer, what failed and is tried again. Call it each second.
    public func tick() throws(ReleaseError) {
        flush()
        tell()
        for deployment in try store.deployments() {
            let alias = deployment.alias
            // One deployment's trouble is not another's.
            do throws(ReleaseError) {
                if let rollout = try store.read({ try RolloutTable.underWay($0, alias) }) {
                    try look(rollout)
                } else {
                    try stopStandby(alias)
                }
                kick(alias)
            } catch {
                logger.error("a release waits", metadata: ["alias": "\(alias)", "problem": "\(error)"])
            }
        }
    }

    private func look(_ rollout: Rollout) throws(ReleaseError) {
        let now = clock()
        if rollout.state == .waiting, let until = rollout.approvalUntil, now >= until {
            return try change(rollout.alias, by: .hadal) { try $0.expire(rollout.id) }
        }
        guard let judge = judge(rollout), let began = rollout.stepBegan else { return }
        let elapsed = now.timeIntervalSince(began)
        let key = ObservationBook.Key(rollout: rollout.id, step: rollout.step, version: rollout.candidate)
        // Feedback is read from the disk, so only when something may be decided.
        guard judge.isDue(elapsed: elapsed, count: try window(key, rollout.alias).finished),
            let (candidate, baseline) = try evidence(rollout)
        else { return }
        let decision = judge.decide(elapsed: elapsed, candidate, baseline)
        guard decision != .wait else { return }
        try change(rollout.alias, by: .hadal) { try $0.judge(rollout, decision) }
    }

    private func stopStandby(_ alias: String) throws(ReleaseError) {
        let now = clock()
        let isOver = try store.read { db in
            try VersionTable.all(db, alias).contains { $0.isUp && ($0.standbyUntil.map { $0 <= now } ?? false) }
        }
        if isOver { try change(alias, by: .hadal) { try $0.stopStandby(alias) } }
    }

    /// Of a canary's step that is under way; nil of others.
    func judge(_ rollout: Rollout) -> CanaryJudge? {
        guard rollout.state == .running, rollout.stepBegan != nil, case .canary(let plan) = rollout.plan else {
            return nil
        }
        return CanaryJudge(
            step: plan.steps[rollout.step], guardrails: plan.guardrails ?? [], looks: rollout.looks,
            nextLook: rollout.nextLook)
    }

    /// Of a canary's step that is under way; nil of others.
    func evidence(
        _ rollout: Rollout
    ) throws(ReleaseError) -> (candidate: VersionEvidence, baseline: VersionEvidence?)? {
        guard let judge = judge(rollout), let began = rollout.stepBegan else { return nil }
        let (step, guardrails) = (judge.step, judge.guardrails)
        let candidate = try evidence(rollout, rollout.candidate, step: rollout.step, since: began, guardrails)
        guard let number = rollout.baseline else { return (candidate, nil) }
        if step.share < .all {
            let baseline = try evidence(rollout, number, step: rollout.step, since: began, guardrails)
            return (candidate, baseline)
        }
        // At 100 % nobody asks the baseline any more: it is compared with what it showed in the step before.
        guard rollout.step > 0 else { return (candidate, nil) }
        let baseline = try evidence(
            rollout, number, step: rollout.step - 1, since: .distantPast, guardrails)
        return (candidate, baseline)
    }

    private func evidence(
        _ rollout: Rollout, _ version: Int, step: Int, since: Date, _ guardrails: [Guardrail]
    ) throws(ReleaseError) -> VersionEvidence {
        let key = ObservationBook.Key(rollout: rollout.id, step: step, version: version)
        var evidence = VersionEvidence(window: try window(key, rollout.alias))
        for case .feedback(let name) in guardrails.map(\.metric) {
            evidence.feedback[name] = try store.read {
                try FeedbackTable.sample($0, rollout.id, metric: name, version: version, since: since).subjects
            }
        }
        return evidence
    }

    /// As it is in memory, or was kept, or a new one.
    func window(_ key: ObservationBook.Key, _ alias: String) throws(ReleaseError) -> VersionWindow {
        if let open = book.window(key, alias: alias) { return open }
        return try store.read { try EvidenceTable.window($0, key) } ?? VersionWindow(seed: key.seed)
    }
}

extension ObservationBook.Key {
    /// The same sample for the same requests, but another for each window.
    var seed: UInt64 {
        var seed: UInt64 = 0xcbf2_9ce4_8422_2325
        for part in [rollout, Int64(step), Int64(version)] {
            seed = (seed ^ UInt64(bitPattern: part)) &* 0x0000_0100_0000_01b3
        }
        return seed
    }
}
