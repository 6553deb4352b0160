import Synchronization

/// Gathers comparisons of the shadows that are under way, as `ObservationBook` does observations.
final class ShadowBook: Sendable {
    private struct Open {
        var rollout: Int64
        var candidate: Int
        var similarFrom: Double
        var summary: ShadowSummary
        var isChanged = false
    }

    private let open = Mutex<[String: Open]>([:])

    func add(_ comparison: ShadowComparison) {
        open.withLock { open in
            guard let found = open[comparison.alias], found.candidate == comparison.candidate else { return }
            open[comparison.alias]?.summary.add(comparison, similarFrom: found.similarFrom)
            open[comparison.alias]?.isChanged = true
        }
    }

    /// One that is watched already stays as it is.
    func watch(_ rollout: Rollout, _ plan: ShadowPlan, _ summary: ShadowSummary) {
        open.withLock { open in
            guard open[rollout.alias]?.rollout != rollout.id else { return }
            open[rollout.alias] = Open(
                rollout: rollout.id, candidate: rollout.candidate, similarFrom: plan.similarFrom, summary: summary)
        }
    }

    func forget(_ alias: String) { open.withLock { $0[alias] = nil } }

    func summary(_ rollout: Rollout) -> ShadowSummary? {
        open.withLock { open in
            guard let found = open[rollout.alias], found.rollout == rollout.id else { return nil }
            return found.summary
        }
    }

    func takeChanged() -> [(rollout: Int64, summary: ShadowSummary)] {
        open.withLock { open in
            var changed: [(rollout: Int64, summary: ShadowSummary)] = []
            for (alias, entry) in open where entry.isChanged {
                changed.append((entry.rollout, entry.summary))
                open[alias]?.isChanged = false
            }
            return changed
        }
    }

    func putBack(_ rollouts: [Int64]) {
        open.withLock { open in
            for (alias, entry) in open where rollouts.contains(entry.rollout) { open[alias]?.isChanged = true }
        }
    }
}
