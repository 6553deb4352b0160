import Foundation
import Testing

@testable import HadalReleases

/// Back to what served before, from wherever a release is.
@Suite struct RollbackTests {
    private let bench: Bench
    private let actuator: FakeActuator

    init() throws {
        bench = try Bench()
        actuator = FakeActuator(bench.world)
    }

    private var world: FakeWorld.State { bench.world.present }
    private var serving: [Int] { (world.traffic?.allocation.shares.keys).map { $0.sorted() } ?? [] }

    private func release(_ controller: ReleaseController, _ version: Int) async throws {
        _ = try await controller.start("chat", to: version, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        await controller.settle("chat")
        bench.clock.advance(60)
    }

    private func rollBack(_ controller: ReleaseController, to version: Int? = nil) async throws -> Rollout {
        let rollout = try await controller.rollBack("chat", to: version, why: "worse", by: Bench.eva)
        await controller.settle("chat")
        bench.clock.advance(60)
        return try controller.store.rollout(rollout.id)
    }

    @Test func theOneBeforeThenTheOneBeforeThat() async throws {
        let controller = try await bench.serving(versions: 3, actuator)
        for version in [2, 3] { try await release(controller, version) }
        #expect(try await rollBack(controller).candidate == 2)
        #expect(serving == [2])
        // Not forward again to 3, which was worse.
        #expect(try await rollBack(controller).candidate == 1)
        #expect(serving == [1])
        await #expect(throws: ReleaseError.noPrevious(alias: "chat")) { _ = try await rollBack(controller) }
        await #expect(throws: ReleaseError.alreadyServing(alias: "chat", number: 1)) {
            _ = try await rollBack(controller, to: 1)
        }
        let named = try await rollBack(controller, to: 3)
        #expect(named.state == .promoted && serving == [3] && !world.wasServedUnready)
    }

    @Test func theTargetIsVerifiedBeforeItGetsRequests() async throws {
        let controller = try await bench.serving(versions: 2, actuator)
        try await release(controller, 2)
        actuator.fail("verify 1")
        let rollout = try await rollBack(controller)
        #expect(rollout.state == .aborted && rollout.reason == "verify version 1 failed: verify 1 is broken")
        #expect(serving == [2] && world.up == [2])
        #expect(try controller.store.deployment("chat").stable == 2)
    }

    @Test func aRolloutUnderWayEndsAndItsBaselineServes() async throws {
        let controller = try await bench.serving(versions: 3, actuator)
        let canary = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        #expect(serving == [1, 2])
        let rollout = try await rollBack(controller)
        #expect(rollout.candidate == 1 && rollout.state == .promoted)
        #expect(serving == [1] && world.up == [1])
        let ended = try controller.store.rollout(canary.id)
        #expect(ended.state == .aborted && ended.reason == "rolled back to version 1: worse")
        // Requests went back before anything else was done.
        let calls = actuator.calls
        let route = try #require(calls.lastIndex(of: "route 1: 100 %"))
        #expect(calls[route...] == ["route 1: 100 %", "verify 1", "drain 2", "stop 2"])
    }

    @Test func aCandidateThatHangsWhileItLoadsDoesNotHoldItUp() async throws {
        let controller = try await bench.serving(versions: 3, actuator)
        try await release(controller, 2)
        actuator.hold("warm 3")
        let started = try await controller.start("chat", to: 3, .canary(Bench.quick), by: Bench.ana)
        try await bench.until { actuator.calls.contains("warm 3") }
        let rollout = try await rollBack(controller)
        #expect(rollout.state == .promoted && rollout.candidate == 2 && serving == [2])
        #expect(try controller.store.rollout(started.id).state == .aborted)
        #expect(!world.up.contains(3))
    }

    @Test func theSwitchOfAReleaseThatWasOvertakenIsIgnored() async throws {
        let controller = try await bench.serving(versions: 2, actuator)
        actuator.hold("route 2: 100 %")
        _ = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        try await bench.until { actuator.calls.contains("route 2: 100 %") }
        #expect(try await rollBack(controller).candidate == 1)
        #expect(serving == [1])
        actuator.letGo("route 2: 100 %")
        try await bench.until { actuator.traffics.last?.allocation == .all(2) }
        await controller.settle("chat")
        #expect(serving == [1] && world.up == [1])
        #expect(try controller.store.deployment("chat").traffic.allocation == .all(1))
    }

    @Test func askedForTwiceItIsTheSameOne() async throws {
        let controller = try await bench.serving(versions: 2, actuator)
        try await release(controller, 2)
        actuator.hold("warm 1")
        let first = try await controller.rollBack("chat", why: "worse", by: Bench.eva)
        try await bench.until { actuator.calls.contains("warm 1") }
        let second = try await controller.rollBack("chat", why: "worse", by: Bench.ana)
        #expect(first.id == second.id)
        actuator.letGo("warm 1")
        await controller.settle("chat")
        #expect(serving == [1])
    }

    @Test func theLastThreeThatServedAreKept() async throws {
        let controller = try await bench.serving(versions: 6, actuator)
        for version in 2...6 { try await release(controller, version) }
        let versions = try controller.store.versions("chat")
        #expect(versions.filter { $0.pruned == nil }.map(\.number) == [3, 4, 5, 6])
        await #expect(throws: ReleaseError.pruned(alias: "chat", number: 2, kept: [3, 4, 5, 6])) {
            _ = try await rollBack(controller, to: 2)
        }
        #expect(bench.told.events.filter { $0.action == .versionPruned }.map(\.before) == ["version 1", "version 2"])
        // Their workers stop with the next tick, whatever time they were to stay up.
        try await controller.tick()
        await controller.settle("chat")
        #expect(world.up == [3, 4, 5, 6])
        #expect(try await rollBack(controller, to: 3).state == .promoted)
    }

    @Test func aVersionThatNeverServedIsNothingToGoBackTo() async throws {
        let controller = try await bench.serving(versions: 2, actuator)
        await #expect(throws: ReleaseError.neverServed(alias: "chat", number: 2)) {
            _ = try await rollBack(controller, to: 2)
        }
    }
}
