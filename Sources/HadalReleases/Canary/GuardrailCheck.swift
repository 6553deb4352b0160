import Foundation

/// What a version showed, with its users' feedback.
public struct VersionEvidence: Sendable, Hashable {
    public var window: VersionWindow
    /// By metric.
    public var feedback: [String: Moments]

    public init(window: VersionWindow, feedback: [String: Moments] = [:]) {
        self.window = window
        self.feedback = feedback
    }
}

/// Judges a candidate by one guardrail. A bound is broken where the measured value is beyond it and a test says that
/// chance makes that with less than `significance`: for rates the exact binomial test (absolute) and the two-proportion
/// or Fisher's test (relative), for latencies the sign test of the quantile (absolute) and the rank tests (relative),
/// for feedback Welch's.
struct GuardrailCheck {
    let guardrail: Guardrail
    let significance: Double

    /// - Parameter baseline: nil where there is none to compare with.
    func verdict(_ candidate: VersionEvidence, _ baseline: VersionEvidence?) -> GuardrailVerdict {
        let window = candidate.window
        switch guardrail.metric {
        case .errorRate: return rate(window, baseline?.window) { $0.errors }
        case .refusalRate: return rate(window, baseline?.window) { $0.refusals }
        case .firewallRate: return rate(window, baseline?.window) { $0.firewallHits }
        case .lossRate: return rate(window, baseline?.window) { $0.losses }
        case .timeToFirstToken(let quantile):
            return values(window.timeToFirstToken, baseline?.window.timeToFirstToken, quantile)
        case .totalLatency(let quantile): return values(window.total, baseline?.window.total, quantile)
        case .tokensPerSecond: return values(window.tokensPerSecond, baseline?.window.tokensPerSecond, 0.5)
        case .feedback(let name):
            return mean(candidate.feedback[name] ?? Moments(), baseline.map { $0.feedback[name] ?? Moments() })
        }
    }

    private func rate(
        _ candidate: VersionWindow, _ baseline: VersionWindow?, _ hits: (VersionWindow) -> Int
    ) -> GuardrailVerdict {
        let mine = Rate(hits: hits(candidate), count: candidate.finished)
        let theirs = baseline.map { Rate(hits: hits($0), count: $0.finished) }
        return judge(
            (mine.value, mine.count), theirs.map { ($0.value, $0.count) },
            absolute: { mine.probability(ofLimit: $0) },
            relative: { theirs.map { TwoProportionTest.probabilityHigher(mine, than: $0) } ?? 1 })
    }

    private func values(_ candidate: Reservoir, _ baseline: Reservoir?, _ quantile: Double) -> GuardrailVerdict {
        let (mine, theirs) = (candidate.values, baseline?.values ?? [])
        let lower = guardrail.metric.isLowerWorse
        return judge(
            (mine.quantile(quantile) ?? 0, candidate.count),
            baseline.map { ($0.values.quantile(quantile) ?? 0, $0.count) },
            absolute: { limit in
                lower
                    ? RankTest.probability(mine.map { -$0 }, quantile: 1 - quantile, ofLimit: -limit)
                    : RankTest.probability(mine, quantile: quantile, ofLimit: limit)
            },
            relative: {
                if lower { return RankTest.probabilityLarger(theirs, than: mine) }
                let shift = RankTest.probabilityLarger(mine, than: theirs)
                if quantile == 0.5 { return shift }
                // Two tests, of which either may speak: each counts double (Bonferroni).
                let tail = RankTest.probabilityLongerTail(mine, than: theirs, quantile: quantile)
                return min(1, 2 * min(shift, tail))
            })
    }

    private func mean(_ candidate: Moments, _ baseline: Moments?) -> GuardrailVerdict {
        judge(
            (candidate.mean, candidate.count), baseline.map { ($0.mean, $0.count) },
            absolute: { limit in
                let error = (candidate.variance / Double(candidate.count)).squareRoot()
                // All the same, and beyond the limit: nothing is left to chance.
                if error == 0 { return 0 }
                return Distributions.studentTail(
                    (limit - candidate.mean) / error, degrees: Double(candidate.count - 1))
            },
            relative: {
                guard let baseline else { return 1 }
                guard let test = WelchTest(baseline, candidate) else { return candidate.mean < baseline.mean ? 0 : 1 }
                return test.probabilityLower
            })
    }

    private func judge(
        _ candidate: (value: Double, count: Int), _ baseline: (value: Double, count: Int)?,
        absolute: (Double) -> Double, relative: () -> Double
    ) -> GuardrailVerdict {
        let minimum = guardrail.minimumSamples
        var verdict = GuardrailVerdict(
            guardrail: guardrail, outcome: .tooFew, candidate: candidate.count == 0 ? nil : candidate.value,
            baseline: baseline.flatMap { $0.count == 0 ? nil : $0.value }, p: nil,
            reason: "\(guardrail.name): \(candidate.count) of \(minimum) values")
        guard candidate.count >= minimum else { return verdict }
        verdict.outcome = .holds
        verdict.reason = "\(guardrail.name): \(Self.text(candidate.value))"
        if let limit = guardrail.absolute, isBeyond(candidate.value, limit) {
            verdict = verdict.passed(
                absolute(limit), significance,
                "\(guardrail.name) is \(Self.text(candidate.value)), beyond \(Self.text(limit))")
        }
        if let factor = guardrail.relative, let baseline {
            guard baseline.count >= minimum else {
                if verdict.outcome == .holds, guardrail.absolute == nil {
                    verdict.outcome = .tooFew
                    verdict.reason = "\(guardrail.name): \(baseline.count) of \(minimum) values of the baseline"
                }
                return verdict
            }
            if isBeyond(candidate.value, bound(baseline.value, factor)) {
                verdict = verdict.passed(
                    relative(), significance,
                    "\(guardrail.name) is \(Self.text(candidate.value)), the baseline's "
                        + "\(Self.text(baseline.value)), allowed \(Self.text(factor)) times that")
            }
        }
        return verdict
    }

    /// A score may be negative: then the allowance goes the same way.
    private func bound(_ value: Double, _ factor: Double) -> Double { value + abs(value) * (factor - 1) }

    private func isBeyond(_ value: Double, _ limit: Double) -> Bool {
        guardrail.metric.isLowerWorse ? value < limit : value > limit
    }

    static func text(_ value: Double) -> String { String(format: "%.4g", value) }
}

extension GuardrailVerdict {
    /// With a bound that is passed, where that is surer than what was known.
    fileprivate func passed(_ p: Double, _ significance: Double, _ finding: String) -> GuardrailVerdict {
        guard p < self.p ?? .infinity else { return self }
        var verdict = self
        verdict.p = p
        verdict.outcome = p < significance ? .broken : .holds
        verdict.reason =
            finding + " (p = \(GuardrailCheck.text(p)), "
            + (p < significance ? "not by chance)" : "may be chance: needs p < \(GuardrailCheck.text(significance)))")
        return verdict
    }
}
