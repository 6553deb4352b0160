import Foundation

/// Decides what becomes of a canary's step. A function of what was seen: it keeps nothing.
///
/// Guardrails are looked at while requests come, so that a bad candidate is stopped early; and each look is a chance to
/// be wrong. So there are few: with the fewest requests that a guardrail judges by, then with twice as many each time,
/// and one at the step's end. The k-th look of g guardrails spends `significance` / (g·k·(k+1)); all looks together
/// never more than `significance` (K. K. G. Lan, D. L. DeMets, Discrete sequential boundaries for clinical trials,
/// Biometrika 70, 1983).
struct CanaryJudge {
    /// The probability that a step of a candidate as good as the baseline is aborted.
    static let significance = 0.01

    enum Decision: Sendable, Hashable {
        case wait
        /// Looked, and nothing was found; the step goes on.
        case looked(nextLook: Int)
        case advance(reason: String)
        case abort(reason: String)
    }

    let step: CanaryPlan.Step
    let guardrails: [Guardrail]
    /// Looks before this one.
    let looks: Int
    let nextLook: Int

    static func firstLook(_ guardrails: [Guardrail]) -> Int { guardrails.map(\.minimumSamples).min() ?? 30 }

    /// Whether `decide` may say anything but `wait`.
    func isDue(elapsed: Double, count: Int) -> Bool {
        isDone(elapsed, count) || count >= nextLook || elapsed >= step.maximumSeconds
    }

    private func isDone(_ elapsed: Double, _ count: Int) -> Bool {
        elapsed >= step.minimumSeconds && count >= step.minimumRequests
    }

    /// - Parameters:
    ///   - elapsed: seconds since the step's share was set.
    ///   - baseline: nil where there is none.
    func decide(elapsed: Double, _ candidate: VersionEvidence, _ baseline: VersionEvidence?) -> Decision {
        let count = candidate.window.finished
        let isDone = isDone(elapsed, count)
        guard isDue(elapsed: elapsed, count: count) else { return .wait }
        let verdicts = verdicts(candidate, baseline)
        let broken = verdicts.filter { $0.outcome == .broken }
        guard broken.isEmpty else {
            return .abort(reason: "at \(step.share): " + broken.map(\.reason).joined(separator: "; "))
        }
        guard isDone else {
            if elapsed >= step.maximumSeconds {
                return .abort(
                    reason: "at \(step.share): only \(count) of \(step.minimumRequests) requests were finished in "
                        + "\(Int(min(elapsed, 1e15))) s: too few to judge")
            }
            return .looked(nextLook: max(1, count) * 2)
        }
        return .advance(
            reason: "at \(step.share): \(count) requests in \(Int(min(elapsed, 1e15))) s, all guardrails hold"
                + (verdicts.contains { $0.outcome == .tooFew }
                    ? " (not judged: "
                        + verdicts.filter { $0.outcome == .tooFew }.map(\.reason).joined(separator: "; ") + ")" : ""))
    }

    func verdicts(_ candidate: VersionEvidence, _ baseline: VersionEvidence?) -> [GuardrailVerdict] {
        let look = Double(looks + 1)
        let significance = Self.significance / (Double(max(1, guardrails.count)) * look * (look + 1))
        return guardrails.map {
            GuardrailCheck(guardrail: $0, significance: significance).verdict(candidate, baseline)
        }
    }
}
