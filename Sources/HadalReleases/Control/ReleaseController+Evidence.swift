import Foundation
import HadalState
import Logging

/// What comes in from requests, and what is told of it.
extension ReleaseController {
    /// Takes microseconds; counts where the version is part of a rollout under way.
    public nonisolated func observe(_ observation: Observation) { book.add(observation) }

    public nonisolated func compare(_ comparison: ShadowComparison) { shadows.add(comparison) }

    /// The rollout that measures what a version answers now.
    public nonisolated func rollout(measuring version: Int, of alias: String) -> Int64? {
        book.rollout(measuring: version, of: alias)
    }

    /// Keeps what somebody said of an answer; waits for the disk.
    /// - Parameter id: of the rollout, which may have ended; nil: the one that is under way.
    /// - Returns: the rollout that it counts for.
    @discardableResult
    public func give(
        _ feedback: Feedback, to alias: String, rollout id: Int64? = nil
    ) throws(ReleaseError) -> Rollout {
        try feedback.check()
        return try store.write { db in
            let rollout = try Self.rollout(db, id, of: alias)
            try rollout.checkHas(version: feedback.version)
            try FeedbackTable.put(db, feedback, rollout: rollout.id)
            return rollout
        }
    }

    private static func rollout(_ db: any StateTransaction, _ id: Int64?, of alias: String) throws -> Rollout {
        _ = try DeploymentTable.get(db, alias)
        if let id {
            let rollout = try RolloutTable.get(db, id)
            guard rollout.alias == alias else {
                throw ReleaseError.invalid(field: "rollout", problem: "rollout \(id) is one of \(rollout.alias)")
            }
            return rollout
        }
        guard let rollout = try RolloutTable.underWay(db, alias), rollout.state == .running else {
            throw ReleaseError.nothingUnderWay(alias: alias)
        }
        return rollout
    }

    /// Keeps what versions answered on a labelled set, for a rollout that may have ended; all of it or nothing.
    public func label(_ answers: [LabelledAnswer], rollout id: Int64) throws(ReleaseError) {
        try store.write { db in
            let rollout = try RolloutTable.get(db, id)
            for answer in answers { try rollout.checkHas(version: answer.version) }
            try LabelTable.put(db, answers, rollout: id)
        }
    }

    /// What an A/B test says, by metric; of other rollouts too, read with a significance of 5 %.
    public func results(_ id: Int64) throws(ReleaseError) -> [ExperimentResult] {
        try store.read { db in
            let rollout = try RolloutTable.get(db, id)
            guard let baseline = rollout.baseline else {
                throw ReleaseError.noBaseline(alias: rollout.alias, kind: rollout.plan.kind)
            }
            var plan = ABPlan()
            if case .ab(let own) = rollout.plan { plan = own }
            return try FeedbackTable.metrics(db, id).map { metric in
                func sample(_ version: Int) throws -> MetricSample {
                    try FeedbackTable.sample(db, id, metric: metric, version: version)
                }
                return ExperimentResult(
                    metric: metric, plan: plan, (baseline, try sample(baseline)),
                    (rollout.candidate, try sample(rollout.candidate)))
            }
        }
    }

    /// Of the labelled set, by version.
    public func confusion(_ id: Int64) throws(ReleaseError) -> [Int: ConfusionMatrix] {
        try store.read { db in
            let rollout = try RolloutTable.get(db, id)
            let versions = Set([rollout.candidate] + (rollout.baseline.map { [$0] } ?? []))
            return Dictionary(
                uniqueKeysWithValues: try versions.map { ($0, try LabelTable.matrix(db, id, version: $0)) })
        }
    }

    /// nil where nothing was compared.
    public func shadowSummary(_ id: Int64) throws(ReleaseError) -> ShadowSummary? {
        let rollout = try store.rollout(id)
        if let open = shadows.summary(rollout) { return open }
        return try store.read { try EvidenceTable.shadow($0, id) }
    }

    /// What the guardrails of a canary's present step say now. A look for people: it decides nothing.
    public func verdicts(_ id: Int64) throws(ReleaseError) -> [GuardrailVerdict] {
        let rollout = try store.rollout(id)
        guard let judge = judge(rollout), let (candidate, baseline) = try evidence(rollout) else { return [] }
        return judge.verdicts(candidate, baseline)
    }

    /// What the rollout's versions showed since its present step began, the baseline first; empty where none has begun.
    public func windows(_ id: Int64) throws(ReleaseError) -> [(version: Int, window: VersionWindow)] {
        let rollout = try store.rollout(id)
        guard rollout.stepBegan != nil else { return [] }
        let versions = (rollout.baseline.map { [$0] } ?? []) + [rollout.candidate]
        return try versions.map { (version) throws(ReleaseError) in
            let key = ObservationBook.Key(rollout: id, step: rollout.step, version: version)
            return (version, try window(key, rollout.alias))
        }
    }

    /// Writes observations that have come since the last time.
    func flush() {
        let (windows, summaries) = (book.takeChanged(), shadows.takeChanged())
        guard !windows.isEmpty || !summaries.isEmpty else { return }
        do {
            try store.write { db in
                for (key, window) in windows { try EvidenceTable.put(db, key, window) }
                for (rollout, summary) in summaries { try EvidenceTable.put(db, rollout, summary) }
            }
        } catch {
            book.putBack(windows.map(\.key))
            shadows.putBack(summaries.map(\.rollout))
            logger.error("observations of releases are not kept yet", metadata: ["problem": "\(error)"])
        }
    }

    /// Counts what the present step of an alias's rollout needs, and nothing else.
    func watch(_ alias: String) {
        // What was counted last is kept with its step.
        flush()
        do throws(ReleaseError) {
            try watch(alias, try store.rollout(of: alias))
        } catch {
            logger.error(
                "observations of a release are not counted", metadata: ["alias": "\(alias)", "problem": "\(error)"])
        }
    }

    private func watch(_ alias: String, _ rollout: Rollout?) throws(ReleaseError) {
        guard let rollout, rollout.state == .running, let began = rollout.stepBegan else {
            book.watch(alias, began: .distantPast, [])
            return shadows.forget(alias)
        }
        if case .shadow(let plan) = rollout.plan {
            let kept = try store.read { try EvidenceTable.shadow($0, rollout.id) }
            shadows.watch(rollout, plan, kept ?? ShadowSummary(seed: UInt64(bitPattern: rollout.id)))
        }
        var windows: [(key: ObservationBook.Key, window: VersionWindow)] = []
        for version in [rollout.candidate] + (rollout.baseline.map { [$0] } ?? []) {
            let key = ObservationBook.Key(rollout: rollout.id, step: rollout.step, version: version)
            windows.append((key, try window(key, alias)))
        }
        book.watch(alias, began: began, windows)
    }
}

extension Rollout {
    fileprivate func checkHas(version: Int) throws(ReleaseError) {
        guard version == candidate || version == baseline else {
            throw .invalid(field: "version", problem: "version \(version) is not part of rollout \(id)")
        }
    }
}
