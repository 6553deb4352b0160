import Foundation
import Testing

@testable import HadalReleases

/// A controller may die at any moment: another that opens the store comes to the same end.
@Suite struct CrashTests {
    enum Scenario: String, CaseIterable, Sendable {
        case blueGreen, canary, badCandidate, shadow, rollback, rollbackFromCanary
    }

    /// What is to be the same.
    struct Outcome: Hashable {
        var stable: Int?
        var up: Set<Int>
        var versions: [String]
        var rollouts: [String]
        var events: [String]
        var shares: [Int: TrafficShare]
        var mirror: Int?
        var told: [Int64]
    }

    @Test(arguments: Scenario.allCases, [false, true])
    func theEndIsTheSameWhereverItDies(_ scenario: Scenario, isAfter: Bool) async throws {
        let (undisturbed, calls) = try await run(scenario, crash: nil, losesWorkers: false)
        #expect(calls > 5)
        for call in 0..<calls {
            for losesWorkers in [false, true] {
                let (outcome, _) = try await run(
                    scenario, crash: .init(call: call, isAfter: isAfter), losesWorkers: losesWorkers)
                #expect(outcome == undisturbed, "died at call \(call)")
            }
        }
    }

    private func run(
        _ scenario: Scenario, crash: FakeActuator.Crash?, losesWorkers: Bool
    ) async throws -> (Outcome, calls: Int) {
        let bench = try Bench()
        let settings = DeploymentSettings(standbySeconds: 3600)
        let before = try await bench.serving(versions: 3, settings: settings, FakeActuator(bench.world))
        if scenario == .rollback {
            _ = try await before.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
            await before.settle("chat")
            bench.clock.advance(4000)
            try await before.tick()
            await before.settle("chat")
        }
        await before.stop()

        let dying = FakeActuator(bench.world, crash: crash)
        if scenario == .badCandidate { dying.fail("verify 2") }
        let first = try bench.controller(dying)
        try await first.resume()
        await first.settle("chat")
        try await act(scenario, bench, first, dying)
        await first.stop()
        if dying.isDead {
            if losesWorkers { bench.world.reset() }
            let healthy = FakeActuator(bench.world)
            if scenario == .badCandidate { healthy.fail("verify 2") }
            let second = try bench.controller(healthy)
            try await second.resume()
            await second.settle("chat")
            try await goOn(scenario, bench, second, healthy)
            await second.stop()
        }
        return (try outcome(bench), dying.calls.count)
    }

    private func act(
        _ scenario: Scenario, _ bench: Bench, _ controller: ReleaseController, _ actuator: FakeActuator
    ) async throws {
        switch scenario {
        case .blueGreen, .badCandidate:
            _ = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        case .canary, .rollbackFromCanary:
            _ = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        case .shadow:
            _ = try await controller.start("chat", to: 2, .shadow(ShadowPlan(share: .half)), by: Bench.ana)
        case .rollback: _ = try await controller.rollBack("chat", why: "worse", by: Bench.eva)
        }
        await controller.settle("chat")
        try await goOn(scenario, bench, controller, actuator)
    }

    /// What persons and requests do while it lasts.
    private func goOn(
        _ scenario: Scenario, _ bench: Bench, _ controller: ReleaseController, _ actuator: FakeActuator
    ) async throws {
        for _ in 0..<20 where !actuator.isDead {
            await controller.settle("chat")
            guard let rollout = try controller.store.rollout(of: "chat"), !actuator.isDead else { return }
            switch scenario {
            case .canary:
                bench.observe(controller, version: 1, count: 60)
                bench.observe(controller, version: 2, count: 60)
                bench.clock.advance(700)
                try await controller.tick()
            case .shadow where rollout.state == .running:
                _ = try await controller.finish(rollout.id, why: "seen enough", by: Bench.ana)
            case .rollbackFromCanary where rollout.plan.kind == .canary && rollout.state == .running:
                _ = try await controller.rollBack("chat", why: "worse", by: Bench.eva)
            case .blueGreen, .badCandidate, .rollback, .shadow, .rollbackFromCanary: try await controller.tick()
            }
        }
    }

    private func outcome(_ bench: Bench) throws -> Outcome {
        let store = try ReleaseStore(data: bench.data)
        let deployment = try store.deployment("chat")
        let world = bench.world.present
        #expect(!world.wasServedUnready)
        #expect(try store.pending("chat").isEmpty)
        #expect(world.traffic?.allocation == deployment.traffic.allocation)
        let events = try store.events(limit: 1000).reversed()
        // Told in order; twice only what was on its way at the end.
        var told: [Int64] = []
        for event in bench.told.events where told.last != event.number { told.append(event.number) }
        return Outcome(
            stable: deployment.stable, up: world.up,
            versions: try store.versions("chat").map {
                "\($0.number) \($0.isUp) \($0.standbyUntil != nil) \($0.served != nil) \($0.rolledBack != nil)"
            },
            rollouts: try store.rollouts().map { "\($0.id) \($0.plan.kind) \($0.state) \($0.step)" },
            events: events.map { "\($0.number) \($0.action) \($0.by.id) \($0.before) \($0.after)" },
            shares: world.traffic?.allocation.shares ?? [:], mirror: world.traffic?.mirror?.version, told: told)
    }
}
