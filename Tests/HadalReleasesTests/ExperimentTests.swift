import Foundation
import TestSupport
import Testing

@testable import HadalReleases

/// What an A/B test says, from feedback and from a labelled set.
@Suite struct ExperimentTests {
    private let bench: Bench
    private let actuator: FakeActuator

    init() throws {
        bench = try Bench()
        actuator = FakeActuator(bench.world)
    }

    private func running(_ plan: ABPlan) async throws -> (ReleaseController, Rollout) {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .ab(plan), by: Bench.ana)
        await controller.settle("chat")
        return (controller, rollout)
    }

    private func feedback(
        _ request: Int, _ version: Int, _ value: Feedback.Value, subject: Int? = nil, metric: String = "solved"
    ) -> Feedback {
        Feedback(
            request: "r\(request)", version: version, subject: "user:\(subject ?? request)", metric: metric,
            value: value, time: bench.clock.now)
    }

    @Test func aBinaryMetricIsTestedByTwoProportions() async throws {
        let (controller, rollout) = try await running(ABPlan(plannedSubjects: 60))
        for number in 0..<80 { try await controller.give(feedback(number, 1, .binary(number < 48)), to: "chat") }
        for number in 0..<70 { try await controller.give(feedback(100 + number, 2, .binary(number < 56)), to: "chat") }
        let result = try #require(try await controller.results(rollout.id).first)
        #expect(result.metric == "solved" && result.isBinary && result.warnings.isEmpty)
        #expect(result.baseline.answers == 80 && abs(result.candidate.mean - 0.8) < 1e-12)
        guard case .proportions(let test) = result.test else {
            Issue.record("not \(result.test)")
            return
        }
        #expect(abs(test.p - 0.00804508136819656) < 1e-9)
        let sequential = try #require(result.sequential)
        #expect(sequential.low < test.low && sequential.high > test.high && sequential.p > test.p)
    }

    @Test func answersOfOneSubjectAreNotIndependent() async throws {
        let (controller, rollout) = try await running(ABPlan(plannedSubjects: 100))
        for number in 0..<400 {
            try await controller.give(
                feedback(number, 1 + number % 2, .binary(number % 3 == 0), subject: number % 40), to: "chat")
        }
        let result = try #require(try await controller.results(rollout.id).first)
        #expect(result.baseline.answers == 200 && result.baseline.subjects == 20)
        guard case .means(let test) = result.test else {
            Issue.record("not \(result.test)")
            return
        }
        #expect(test.degrees < 39)
        #expect(result.warnings.contains { $0.contains("20 of 100 planned") })
        #expect(result.warnings.contains { $0.contains("several answers") })
        #expect(result.warnings.contains { $0.contains("fewer than 30") })
    }

    @Test func aLaterValueTakesTheEarlierOnesPlace() async throws {
        let (controller, rollout) = try await running(ABPlan())
        for value in [1.0, 5.0] {
            try await controller.give(feedback(1, 1, .numeric(value), metric: "score"), to: "chat")
        }
        let result = try #require(try await controller.results(rollout.id).first)
        #expect(result.baseline.answers == 1 && result.baseline.mean == 5 && result.test == .none)
        #expect(result.warnings.contains { $0.contains("sequential bound") })
    }

    @Test func feedbackThatFitsNothingIsRefused() async throws {
        let (controller, rollout) = try await running(ABPlan())
        let refused: [Feedback] = [
            feedback(1, 7, .binary(true)), feedback(1, 1, .numeric(.infinity)),
            feedback(1, 1, .binary(true), metric: ""),
        ]
        for wrong in refused {
            await #expect(throws: ReleaseError.self) { try await controller.give(wrong, to: "chat") }
        }
        try await controller.give(feedback(1, 1, .binary(true)), to: "chat")
        await #expect(throws: ReleaseError.self) {
            try await controller.give(feedback(2, 1, .numeric(3)), to: "chat")
        }
        for number in 0..<FeedbackTable.metricMax - 1 {
            try await controller.give(feedback(1, 1, .numeric(1), metric: "m\(number)"), to: "chat")
        }
        await #expect(throws: ReleaseError.self) {
            try await controller.give(feedback(1, 1, .numeric(1), metric: "one more"), to: "chat")
        }
        _ = try await controller.finish(rollout.id, why: "", by: Bench.ana)
        await #expect(throws: ReleaseError.nothingUnderWay(alias: "chat")) {
            try await controller.give(feedback(3, 1, .binary(true)), to: "chat")
        }
    }

    /// A case is solved, or not, when its test may be over.
    @Test func feedbackOfARolloutThatHasEndedCountsForIt() async throws {
        let (controller, first) = try await running(ABPlan())
        #expect(controller.rollout(measuring: 2, of: "chat") == first.id)
        try await controller.give(feedback(1, 1, .binary(true)), to: "chat")
        _ = try await controller.promote(first.id, why: "", by: Bench.ana)
        await controller.settle("chat")
        #expect(controller.rollout(measuring: 2, of: "chat") == nil)
        _ = try await controller.addVersion("chat", Bench.content(3), by: Bench.ana)
        let second = try await controller.start("chat", to: 3, .ab(ABPlan()), by: Bench.ana)
        await controller.settle("chat")
        #expect(controller.rollout(measuring: 2, of: "chat") == second.id)
        // Version 2 is part of both.
        let counted = try await controller.give(feedback(2, 2, .binary(true)), to: "chat", rollout: first.id)
        #expect(counted.id == first.id)
        #expect(try await controller.give(feedback(3, 2, .binary(false)), to: "chat").id == second.id)
        let result = try #require(try await controller.results(first.id).first)
        #expect(result.candidate.answers == 1 && result.candidate.mean == 1 && result.baseline.answers == 1)
        #expect(try await controller.results(second.id).first?.baseline.answers == 1)
        await #expect(throws: ReleaseError.self) {
            try await controller.give(feedback(4, 3, .binary(true)), to: "chat", rollout: first.id)
        }
        try await controller.configure("other", DeploymentSettings(), isConfiguration: true, by: Bench.ana)
        await #expect(throws: ReleaseError.self) {
            try await controller.give(feedback(4, 2, .binary(true)), to: "other", rollout: first.id)
        }
        await #expect(throws: ReleaseError.noRollout(id: 99)) {
            try await controller.give(feedback(4, 2, .binary(true)), to: "chat", rollout: 99)
        }
    }

    @Test func aLabelledSetGivesAMatrixOfEachVersion() async throws {
        let (controller, rollout) = try await running(ABPlan())
        let answers = [(1, "a", "yes", "no"), (1, "a", "yes", "yes"), (1, "b", "no", "yes"), (2, "a", "yes", "yes")]
            .map { LabelledAnswer(version: $0.0, item: $0.1, actual: $0.2, predicted: $0.3) }
        try await controller.label(answers, rollout: rollout.id)
        let matrices = try await controller.confusion(rollout.id)
        #expect(matrices[1]?.total == 2 && matrices[1]?.accuracy == 0.5 && matrices[2]?.accuracy == 1)
        await #expect(throws: ReleaseError.self) {
            try await controller.label(
                [
                    answers[3], LabelledAnswer(version: 9, item: "a", actual: "yes", predicted: "no"),
                ], rollout: rollout.id)
        }
        let many = (0...LabelTable.classMax).map {
            LabelledAnswer(version: 1, item: "\($0)", actual: "class \($0)", predicted: "no")
        }
        await #expect(throws: ReleaseError.self) { try await controller.label(many, rollout: rollout.id) }
        #expect(try await controller.confusion(rollout.id) == matrices, "all of it or nothing")
    }

    @Test func theWinnerTakesAllRequests() async throws {
        let (controller, rollout) = try await running(ABPlan(share: TrafficShare(unchecked: 3000)))
        #expect(bench.world.present.traffic?.allocation.shares[2]?.percent == 30)
        _ = try await controller.promote(rollout.id, why: "better", by: Bench.ana)
        await controller.settle("chat")
        #expect(bench.world.present.traffic?.allocation == .all(2))
        #expect(try controller.store.rollout(rollout.id).reason == "better")
    }

    /// A canary that is as quick and right, and that its users like less.
    @Test func usersWhoLikeACandidateLessEndACanary() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        bench.observe(controller, version: 1, count: 60)
        bench.observe(controller, version: 2, count: 60)
        var random = SplitMix(state: 1)
        for number in 0..<80 {
            let value = Double.random(in: 0...1, using: &random) + (number % 2 == 0 ? 4 : 2)
            try await controller.give(
                feedback(number, 1 + number % 2, .numeric(value), metric: "score"), to: "chat")
        }
        bench.clock.advance(600)
        try await controller.tick()
        await controller.settle("chat")
        let ended = try controller.store.rollout(rollout.id)
        #expect(ended.state == .aborted && ended.reason?.contains("feedback.score") == true)
    }
}
