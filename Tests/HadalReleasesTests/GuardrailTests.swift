import Foundation
import TestSupport
import Testing

@testable import HadalReleases

/// What breaks a guardrail, and what is chance.
@Suite struct GuardrailTests {
    private func evidence(
        _ count: Int, errors: Int = 0, losses: Int = 0, seed: UInt64 = 1,
        seconds: (inout SplitMix) -> Double = { _ in 1 }
    ) -> VersionEvidence {
        var window = VersionWindow(seed: seed)
        var random = SplitMix(state: seed)
        for number in 0..<count {
            let value = seconds(&random)
            window.add(
                Observation(
                    alias: "chat", version: 1, began: Date(timeIntervalSince1970: 0),
                    outcome: number < errors ? .failed : .answered, timeToFirstToken: value, total: value,
                    tokensPerSecond: 1 / value, isLoss: number < losses))
        }
        return VersionEvidence(window: window)
    }

    private func outcome(
        _ guardrail: Guardrail, _ candidate: VersionEvidence, _ baseline: VersionEvidence?
    ) -> GuardrailVerdict.Outcome {
        GuardrailCheck(guardrail: guardrail, significance: 0.001).verdict(candidate, baseline).outcome
    }

    @Test func aHandfulOfRequestsDoesNotDecide() {
        let rail = Guardrail(.errorRate, absolute: 0.1, relative: 1.5)
        #expect(outcome(rail, evidence(5, errors: 5), evidence(500)) == .tooFew)
        // 2 of 30 is ten times the baseline's rate, and may be chance.
        #expect(outcome(rail, evidence(30, errors: 2), evidence(570, errors: 4)) == .holds)
        #expect(outcome(rail, evidence(30, errors: 4), evidence(570, errors: 4)) == .broken)
        #expect(outcome(rail, evidence(30, errors: 15), nil) == .broken)
        // Beyond 10 %, but not surely.
        #expect(outcome(rail, evidence(30, errors: 4), nil) == .holds)
    }

    @Test func aDifferenceThatIsAllowedIsNoBreach() {
        let rail = Guardrail(.errorRate, relative: 1.5)
        // Sure to be higher, but not by half.
        #expect(outcome(rail, evidence(100_000, errors: 1300), evidence(100_000, errors: 1000)) == .holds)
        #expect(outcome(rail, evidence(100_000, errors: 1600), evidence(100_000, errors: 1000)) == .broken)
    }

    /// All of them are answered: the next worker goes on with them.
    @Test func workersThatEndAgainAndAgainBreakTheStandardGuardrail() throws {
        let rail = try #require(Guardrail.standard.first { $0.metric == .lossRate })
        #expect(outcome(rail, evidence(200, losses: 40), evidence(200)) == .broken)
        #expect(outcome(rail, evidence(200, losses: 40), nil) == .broken)
        // One that ended once, with a few answers under way.
        #expect(outcome(rail, evidence(200, losses: 3), evidence(200)) == .holds)
        // The machine's fault.
        let relative = Guardrail(.lossRate, relative: 1.5)
        #expect(outcome(relative, evidence(200, losses: 40), evidence(200, losses: 40)) == .holds)
        #expect(outcome(Guardrail(.errorRate, absolute: 0.1), evidence(200, losses: 40), nil) == .holds)
    }

    @Test func latenciesAreComparedAtTheirQuantile() {
        let rail = Guardrail(.totalLatency(quantile: 0.95), absolute: 4, relative: 1.5)
        func quick(_ random: inout SplitMix) -> Double { Double.random(in: 0.5...1.5, using: &random) }
        let baseline = evidence(2000, seconds: quick)
        #expect(outcome(rail, evidence(300, seed: 2, seconds: quick), baseline) == .holds)
        #expect(outcome(rail, evidence(300, seed: 3) { quick(&$0) * 2 }, baseline) == .broken)
        // One in ten takes 3 s: the middle is as it was.
        let tail = evidence(600, seed: 4) { Int.random(in: 0..<10, using: &$0) == 0 ? 3 : quick(&$0) }
        #expect(outcome(rail, tail, baseline) == .broken)
        #expect(outcome(rail, evidence(300, seed: 5) { quick(&$0) * 8 }, nil) == .broken)
        #expect(outcome(rail, evidence(300, seed: 5) { quick(&$0) * 2 }, nil) == .holds)
    }

    @Test func fewerTokensPerSecondAreWorse() {
        let rail = Guardrail(.tokensPerSecond, absolute: 0.2, relative: 0.8)
        func quick(_ random: inout SplitMix) -> Double { Double.random(in: 0.5...1.5, using: &random) }
        let baseline = evidence(2000, seconds: quick)
        #expect(outcome(rail, evidence(300, seed: 2) { quick(&$0) / 3 }, baseline) == .holds)
        #expect(outcome(rail, evidence(300, seed: 2) { quick(&$0) * 2 }, baseline) == .broken)
        #expect(outcome(rail, evidence(300, seed: 2) { quick(&$0) * 9 }, nil) == .broken)
    }

    @Test func aScoreMayBeNegative() {
        func scores(_ mean: Double, seed: UInt64) -> VersionEvidence {
            var random = SplitMix(state: seed)
            let values = (0..<200).map { _ in mean + 0.3 * Double(random.normal()) }
            return VersionEvidence(window: VersionWindow(seed: 0), feedback: ["score": Moments(values)])
        }
        let rail = Guardrail(.feedback(name: "score"), relative: 0.8)
        #expect(outcome(rail, scores(-1, seed: 1), scores(-1, seed: 2)) == .holds)
        #expect(outcome(rail, scores(-1.5, seed: 1), scores(-1, seed: 2)) == .broken)
        #expect(outcome(rail, scores(1, seed: 1), scores(-1, seed: 2)) == .holds)
        #expect(outcome(rail, scores(0.5, seed: 1), scores(1, seed: 2)) == .broken)
        #expect(outcome(Guardrail(.feedback(name: "other"), absolute: 1), scores(0, seed: 1), nil) == .tooFew)
    }

    /// A candidate as good as the baseline is aborted in at most one step of a hundred, however often it is looked at.
    @Test func aGoodCandidateIsRarelyAborted() {
        let plan = CanaryPlan.Step(
            share: TrafficShare(unchecked: 2500), minimumSeconds: 1, minimumRequests: 2000, maximumSeconds: 1e9)
        let guardrails = [Guardrail(.errorRate, relative: 1), Guardrail(.totalLatency(quantile: 0.9), relative: 1)]
        var aborted = 0
        for trial in 0..<150 {
            var random = SplitMix(state: UInt64(trial))
            var (candidate, baseline) = (VersionWindow(seed: 1), VersionWindow(seed: 2))
            func observation() -> Observation {
                Observation(
                    alias: "chat", version: 1, began: Date(timeIntervalSince1970: 0),
                    outcome: Int.random(in: 0..<50, using: &random) == 0 ? .failed : .answered,
                    total: Double.random(in: 0...1, using: &random))
            }
            var (looks, nextLook) = (0, CanaryJudge.firstLook(guardrails))
            search: while true {
                candidate.add(observation())
                for _ in 0..<3 { baseline.add(observation()) }
                let judge = CanaryJudge(step: plan, guardrails: guardrails, looks: looks, nextLook: nextLook)
                guard judge.isDue(elapsed: 2, count: candidate.finished) else { continue }
                switch judge.decide(
                    elapsed: 2, VersionEvidence(window: candidate), VersionEvidence(window: baseline))
                {
                case .looked(let next): (looks, nextLook) = (looks + 1, next)
                case .abort:
                    aborted += 1
                    break search
                case .advance: break search
                case .wait: Issue.record("it was due")
                }
            }
            #expect(looks <= 7)
        }
        #expect(aborted <= 4)
    }

    @Test func aStepWaitsForTimeAndForRequests() {
        let step = CanaryPlan.Step(
            share: .half, minimumSeconds: 60, minimumRequests: 40, maximumSeconds: 3600)
        func decide(_ elapsed: Double, _ count: Int) -> CanaryJudge.Decision {
            CanaryJudge(step: step, guardrails: [Guardrail(.errorRate, absolute: 0.1)], looks: 0, nextLook: 30)
                .decide(elapsed: elapsed, evidence(count), evidence(100))
        }
        #expect(decide(59, 29) == .wait && decide(61, 29) == .wait)
        #expect(decide(59, 40) == .looked(nextLook: 80))
        if case .advance = decide(60, 40) {} else { Issue.record("it is done") }
        for count in [0, 35] {
            guard case .abort(let reason) = decide(3600, count) else {
                Issue.record("it has had its time")
                continue
            }
            #expect(reason.contains("\(count) of 40"))
        }
    }

    @Test func boundsThatMakeNoSenseAreRefused() {
        let rails = [
            Guardrail(.errorRate), Guardrail(.errorRate, relative: 0.5), Guardrail(.tokensPerSecond, relative: 1.2),
            Guardrail(.errorRate, absolute: .nan), Guardrail(.totalLatency(quantile: 1), absolute: 1),
            Guardrail(.errorRate, absolute: 0.1, minimumSamples: 1),
        ]
        for rail in rails { #expect(throws: ReleaseError.self) { try rail.check() } }
        for rail in Guardrail.standard { #expect(throws: Never.self) { try rail.check() } }
    }
}

@Suite struct ObservationTests {
    @Test func aReservoirIsAUniformSampleAndTheSameEachTime() throws {
        var (first, second) = (Reservoir(seed: 5), Reservoir(seed: 5))
        for value in 0..<50_000 { first.add(Double(value)) }
        for value in 0..<25_000 { second.add(Double(value)) }
        // As after a restart.
        second = try JSONDecoder().decode(Reservoir.self, from: Data(try Columns.json(second).utf8))
        for value in 25_000..<50_000 { second.add(Double(value)) }
        #expect(first == second && first.values.count == Reservoir.size && first.count == 50_000)
        let mean = first.values.reduce(0, +) / Double(Reservoir.size)
        #expect(abs(mean - 25_000) < 4 * 50_000 / (12.0 * Double(Reservoir.size)).squareRoot())
    }

    @Test func whatMakesNoSenseIsCountedApart() {
        var window = VersionWindow(seed: 1)
        func add(_ outcome: Observation.Outcome, total: Double?) {
            window.add(
                Observation(
                    alias: "chat", version: 1, began: Date(timeIntervalSince1970: 0), outcome: outcome, total: total))
        }
        add(.answered, total: .nan)
        add(.answered, total: -1)
        add(.cancelled, total: 3)
        add(.failed, total: 0.001)
        add(.answered, total: 2)
        #expect(window.unsound == 2 && window.cancelled == 1 && window.finished == 2 && window.errors == 1)
        #expect(window.total.values == [2])
    }

    @Test func textsAreAlikeByTheirWords() {
        #expect(TextSimilarity.words("a b c", "a b c") == 1 && TextSimilarity.words("", "") == 1)
        #expect(TextSimilarity.words("a b c", "") == 0 && TextSimilarity.words("a b", "c d") == 0)
        let near = TextSimilarity.words("the cat sat on the mat", "the cat sat on a mat")
        #expect(near > 0.6 && near < 1)
        #expect(TextSimilarity.words("a b c d", "d c b a") == 0)
    }

    @Test func aShadowsAnswersAreSummedUp() throws {
        var summary = ShadowSummary(seed: 1)
        func add(failed: Bool = false, identical: Bool = false, similarity: Double = 0, seconds: Double = 1) {
            summary.add(
                ShadowComparison(
                    alias: "chat", candidate: 2, candidateFailed: failed, isIdentical: identical,
                    similarity: similarity, baselineLength: 10, candidateLength: 20, baselineSeconds: 1,
                    candidateSeconds: seconds), similarFrom: 0.8)
        }
        add(identical: true)
        add(similarity: 0.8)
        add(similarity: 0.2, seconds: 4)
        add(failed: true)
        add(similarity: 7)
        #expect(summary.count == 4 && summary.failed == 1 && summary.identical == 1 && summary.similar == 2)
        #expect(summary.unsound == 1 && abs(summary.similarity.mean - 2.0 / 3) < 1e-12)
        #expect(summary.candidateLength.mean == 20 && summary.candidateSeconds.values.max() == 4)
        let kept = try JSONDecoder().decode(ShadowSummary.self, from: Data(try Columns.json(summary).utf8))
        #expect(kept == summary)
    }
}
