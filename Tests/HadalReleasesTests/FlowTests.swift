import Foundation
import Testing

@testable import HadalReleases

/// Releases from their beginning to their end.
@Suite struct FlowTests {
    private let bench: Bench
    private let actuator: FakeActuator

    init() throws {
        bench = try Bench()
        actuator = FakeActuator(bench.world)
    }

    private var world: FakeWorld.State { bench.world.present }

    private func percent(_ version: Int) -> Double { world.traffic?.allocation.shares[version]?.percent ?? 0 }

    @Test func blueGreenSwitchesAtOnceAndKeepsTheOldOneForAWhile() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start(
            "chat", to: 2, .blueGreen(BlueGreenPlan(switchesByItself: false)), by: Bench.ana)
        await controller.settle("chat")
        #expect(try controller.store.rollout(rollout.id).state == .running)
        #expect(world.up == [1, 2] && percent(1) == 100)
        _ = try await controller.promote(rollout.id, why: "looks good", by: Bench.ana)
        await controller.settle("chat")
        #expect(try controller.store.rollout(rollout.id).state == .promoted)
        #expect(try controller.store.deployment("chat").stable == 2)
        #expect(percent(2) == 100 && world.up == [1, 2])
        #expect(actuator.calls.suffix(2) == ["route 2: 100 %", "drain 1"])
        bench.clock.advance(3601)
        try await controller.tick()
        await controller.settle("chat")
        #expect(world.up == [2])
        #expect(!world.wasServedUnready)
    }

    @Test func aCanaryGoesStepByStepWhileItsGuardrailsHold() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        var seen: [Double] = []
        for _ in 0..<10 {
            await controller.settle("chat")
            guard try controller.store.rollout(of: "chat") != nil else { break }
            seen.append(percent(2))
            bench.observe(controller, version: 1, count: 60)
            bench.observe(controller, version: 2, count: 60)
            try await controller.tick()
            #expect(percent(2) == seen.last, "its time is not over")
            bench.clock.advance(600)
            try await controller.tick()
        }
        #expect(seen == [5, 25, 50, 100])
        let ended = try controller.store.rollout(rollout.id)
        #expect(ended.state == .promoted && ended.reason?.contains("all guardrails hold") == true)
        #expect(try controller.store.deployment("chat").stable == 2)
    }

    @Test func aBadCanaryIsAbortedByItselfLongBeforeItsStepEnds() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        bench.observe(controller, version: 1, count: 500, errors: 2)
        bench.observe(controller, version: 2, count: 5, errors: 5)
        try await controller.tick()
        #expect(try controller.store.rollout(rollout.id).state == .running, "five requests do not decide")
        bench.observe(controller, version: 2, count: 30, errors: 20)
        try await controller.tick()
        await controller.settle("chat")
        let ended = try controller.store.rollout(rollout.id)
        #expect(ended.state == .aborted)
        #expect(ended.reason?.contains("error_rate") == true && ended.reason?.contains("not by chance") == true)
        #expect(percent(1) == 100 && world.up == [1])
        let aborting = try #require(bench.told.events.first { $0.action == .aborting })
        #expect(aborting.by == .hadal && aborting.before == "running" && aborting.why == ended.reason)
    }

    @Test func aSlowCandidateIsAbortedAtItsStepsEnd() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        bench.observe(controller, version: 1, count: 500)
        bench.observe(controller, version: 2, count: 45, seconds: 2)
        bench.clock.advance(600)
        try await controller.tick()
        await controller.settle("chat")
        let ended = try controller.store.rollout(rollout.id)
        #expect(ended.state == .aborted && ended.reason?.contains("latency") == true)
    }

    @Test func requestsFromBeforeAStepDoNotCountForIt() async throws {
        let controller = try await bench.serving(actuator)
        _ = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        controller.observe(
            Observation(alias: "chat", version: 2, began: bench.clock.now - 1, outcome: .failed))
        controller.observe(Observation(alias: "chat", version: 3, began: bench.clock.now, outcome: .failed))
        controller.observe(Observation(alias: "chat", version: 2, began: bench.clock.now, outcome: .failed))
        let rollout = try #require(try controller.store.rollout(of: "chat"))
        let errors = try await controller.verdicts(rollout.id).first { $0.guardrail.metric == .errorRate }
        #expect(errors?.reason == "error_rate: 1 of 30 values")
    }

    @Test func observationsAreThereAfterARestart() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        bench.observe(controller, version: 1, count: 60)
        bench.observe(controller, version: 2, count: 39)
        await controller.stop()
        let second = try bench.controller(FakeActuator(bench.world))
        try await second.resume()
        await second.settle("chat")
        bench.observe(second, version: 2, count: 1)
        bench.clock.advance(600)
        try await second.tick()
        await second.settle("chat")
        #expect(try second.store.rollout(rollout.id).step == 1)
    }

    @Test func aCandidateThatFailsItsVerificationNeverGetsARequest() async throws {
        let controller = try await bench.serving(actuator)
        actuator.fail("verify 2")
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        let ended = try controller.store.rollout(rollout.id)
        #expect(ended.state == .aborted && ended.reason == "verify version 2 failed: verify 2 is broken")
        #expect(world.up == [1] && actuator.traffics.allSatisfy { $0.allocation.shares[2] == nil })
        // It may be tried again.
        actuator.fail("verify 2", times: 0)
        _ = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        await controller.settle("chat")
        #expect(percent(2) == 100)
    }

    @Test func aServerThatStopsWhileACandidateLoadsGoesOnWithIt() async throws {
        let controller = try await bench.serving(actuator)
        actuator.hold("warm 2")
        let rollout = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        try await bench.until { actuator.calls.contains("warm 2") }
        await controller.stop()
        #expect(try controller.store.rollout(rollout.id).state == .preparing)
        #expect(try controller.store.pending("chat") == ["warm version 2", "verify version 2"])
        bench.world.reset()
        let second = try bench.controller(FakeActuator(bench.world))
        try await second.resume()
        await second.settle("chat")
        #expect(try second.store.rollout(rollout.id).state == .promoted)
        #expect(world.up == [1, 2] && percent(2) == 100 && !world.wasServedUnready)
    }

    @Test func aWayBackIsTriedUntilItWorks() async throws {
        let controller = try await bench.serving(actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        actuator.fail("route 1: 100 %", times: 8)
        _ = try await controller.abort(rollout.id, why: "worse", by: Bench.eva)
        for _ in 0..<8 {
            await controller.settle("chat")
            #expect(try controller.store.rollout(rollout.id).state == .aborting)
            try await controller.tick()
        }
        await controller.settle("chat")
        #expect(try controller.store.rollout(rollout.id).state == .aborted && percent(1) == 100)
        #expect(bench.told.events.count { $0.action == .effectFailed } == 1)
    }

    @Test func aShadowAnswersNobodyAndEndsWithoutATrace() async throws {
        let controller = try await bench.serving(actuator)
        let plan = ShadowPlan(share: .half, similarFrom: 0.5)
        let rollout = try await controller.start("chat", to: 2, .shadow(plan), by: Bench.ana)
        await controller.settle("chat")
        #expect(world.traffic?.mirror == Traffic.Mirror(version: 2, share: .half) && percent(1) == 100)
        controller.compare(ShadowComparison(alias: "chat", candidate: 2, similarity: 0.6))
        controller.compare(ShadowComparison(alias: "chat", candidate: 2, isIdentical: true))
        controller.compare(ShadowComparison(alias: "other", candidate: 2))
        await #expect(throws: ReleaseError.wrongState(rollout: rollout.id, state: .running, act: "promoted")) {
            _ = try await controller.promote(rollout.id, why: "", by: Bench.ana)
        }
        _ = try await controller.finish(rollout.id, why: "seen enough", by: Bench.ana)
        await controller.settle("chat")
        let summary = try #require(try await controller.shadowSummary(rollout.id))
        #expect(summary.count == 2 && summary.similar == 2 && summary.identical == 1)
        #expect(try controller.store.rollout(rollout.id).state == .ended)
        #expect(world.traffic?.mirror == nil && world.up == [1])
    }

    @Test func anAuditThatIsDownIsToldLaterAndInOrder() async throws {
        let controller = try await bench.serving(actuator)
        let before = bench.told.events.count
        bench.told.breakDown(true)
        _ = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        await controller.settle("chat")
        #expect(bench.told.events.count == before && percent(2) == 100)
        bench.told.breakDown(false)
        try await controller.tick()
        #expect(bench.told.events.reversed() == (try controller.store.events(limit: 1000)))
    }

    @Test func onlyOneRolloutIsUnderWay() async throws {
        let controller = try await bench.serving(versions: 3, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await #expect(throws: ReleaseError.underWay(alias: "chat", rollout: rollout.id, kind: .canary)) {
            _ = try await controller.start("chat", to: 3, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        }
        await #expect(throws: ReleaseError.noDeployment(alias: "other")) {
            _ = try await controller.start("other", to: 3, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        }
    }

    @Test func whatMakesNoSenseIsRefusedWithWhatToDo() async throws {
        let controller = try bench.controller(actuator)
        try await controller.configure("chat", DeploymentSettings(), by: Bench.ana)
        _ = try await controller.addVersion("chat", Bench.content(1), by: Bench.ana)
        await #expect(throws: ReleaseError.noBaseline(alias: "chat", kind: .canary)) {
            _ = try await controller.start("chat", to: 1, .canary(Bench.quick), by: Bench.ana)
        }
        await #expect(throws: ReleaseError.noVersion(alias: "chat", number: 7, kept: [1])) {
            _ = try await controller.start("chat", to: 7, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        }
        var plan = Bench.quick
        plan.steps.removeLast()
        await #expect(throws: ReleaseError.self) {
            _ = try await controller.start("chat", to: 1, .canary(plan), by: Bench.ana)
        }
        await #expect(throws: ReleaseError.noPrevious(alias: "chat")) {
            _ = try await controller.rollBack("chat", why: "", by: Bench.ana)
        }
        await #expect(throws: ReleaseError.noRollout(id: 9)) {
            _ = try await controller.abort(9, why: "", by: Bench.ana)
        }
        #expect(try controller.store.rollouts().isEmpty)
    }
}
