import Foundation
import Testing

@testable import HadalReleases

/// Where two persons are needed.
@Suite struct ApprovalTests {
    private let bench: Bench
    private let actuator: FakeActuator
    private let settings = DeploymentSettings(
        approvals: ApprovalSettings(kinds: [.canary, .blueGreen, .ab], required: 1, validSeconds: 3600))

    init() throws {
        bench = try Bench()
        actuator = FakeActuator(bench.world)
    }

    private func error(_ body: () async throws -> Void) async -> ReleaseError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ReleaseError
        }
    }

    @Test func nothingBeginsBeforeAnotherHasApproved() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let calls = actuator.calls.count
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        await controller.settle("chat")
        try await controller.tick()
        #expect(rollout.state == .waiting && actuator.calls.count == calls)
        for person in [Bench.ana, .hadal] {
            let refused = await error {
                _ = try await controller.approve(rollout.id, digest: rollout.digest, by: person)
            }
            #expect(refused == .ownRequest(rollout: rollout.id))
        }
        let approved = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        #expect(approved.state == .preparing && approved.approvals.map(\.by) == [Bench.eva])
        await controller.settle("chat")
        #expect(try controller.store.rollout(rollout.id).state == .running)
        let event = try #require(bench.told.events.last { $0.action == .approved })
        #expect(event.by == Bench.eva && event.why.contains(rollout.digest))
    }

    @Test func anApprovalIsBoundToWhatWasSeen() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        let other = await error { _ = try await controller.approve(rollout.id, digest: "0123", by: Bench.eva) }
        #expect(other == .contentChanged(rollout: rollout.id))
        var changed = settings
        changed.approvals.required = 2
        try await controller.configure("chat", changed, by: Bench.ana)
        let stale = await error {
            _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        }
        #expect(stale == .contentChanged(rollout: rollout.id))
    }

    @Test func eachPartOfTheChangeIsInItsDigest() throws {
        let deployment = ReleaseDeployment(
            alias: "chat", settings: settings, stable: 1, traffic: .none, created: bench.clock.now)
        let version = ModelVersion(
            alias: "chat", number: 2, content: Bench.content(2), created: bench.clock.now, by: Bench.ana, note: "",
            isUp: false)
        func digest(
            _ change: (inout ReleaseDeployment, inout ModelVersion, inout CanaryPlan) -> Void = { _, _, _ in }
        ) throws -> String {
            var (deployment, version, plan) = (deployment, version, Bench.quick)
            change(&deployment, &version, &plan)
            return try Transition.digest(deployment, version, .canary(plan))
        }
        let digests = [
            try digest(), try digest { deployment, _, _ in deployment.stable = 3 },
            try digest { deployment, _, _ in deployment.alias = "other" },
            try digest { _, version, _ in version.content.digest = "sha256:3" },
            try digest { _, version, _ in version.content.options["threads"] = "9" },
            try digest { _, _, plan in plan.steps[0].minimumSeconds = 0 },
            try digest { _, _, plan in plan.guardrails = [] },
        ]
        #expect(Set(digests).count == digests.count)
        #expect(try digest() == digests[0])
    }

    @Test func aRequestThatNobodyApprovesInTimeIsVoid() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        bench.clock.advance(3600)
        let late = await error {
            _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        }
        #expect(late == .approvalExpired(rollout: rollout.id))
        try await controller.tick()
        #expect(try controller.store.rollout(rollout.id).state == .refused)
        #expect(try controller.store.rollout(of: "chat") == nil)
    }

    @Test func twoOthersWhereTwoAreAskedFor() async throws {
        var settings = settings
        settings.approvals.kinds = [.canary]
        settings.approvals.required = 2
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        let first = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        #expect(first.state == .waiting)
        let again = await error {
            _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        }
        #expect(again == .approvedAlready(rollout: rollout.id))
        let second = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.ida)
        #expect(second.state == .preparing)
    }

    @Test func whoBeganItMayNotLeaveItsStepsOut() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        await controller.settle("chat")
        let own = await error { _ = try await controller.promote(rollout.id, why: "now", by: Bench.ana) }
        #expect(own == .ownRequest(rollout: rollout.id))
        #expect(try await controller.promote(rollout.id, why: "now", by: Bench.eva).state == .promoting)
    }

    @Test func aRefusedOneDoesNotBegin() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), by: Bench.ana)
        #expect(try await controller.refuse(rollout.id, why: "too early", by: Bench.eva).state == .refused)
        let late = await error {
            _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        }
        #expect(late == .wrongState(rollout: rollout.id, state: .refused, act: "approved"))
    }

    @Test func approvalsAreMadeWeakerOnlyInTheConfiguration() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        var weaker = settings
        weaker.approvals.kinds = [.canary]
        let refused = await error { try await controller.configure("chat", weaker, by: Bench.ana) }
        #expect(refused == .approvalsWeakened(alias: "chat"))
        try await controller.configure("chat", weaker, isConfiguration: true, by: .hadal)
        #expect(try controller.store.deployment("chat").settings == weaker)
        weaker.approvals.kinds = [.rollback]
        let senseless = await error {
            try await controller.configure("chat", weaker, isConfiguration: true, by: .hadal)
        }
        #expect(senseless?.description.contains("cannot wait") == true)
    }

    @Test func aRollbackWaitsForNobody() async throws {
        let controller = try await bench.serving(settings: settings, actuator)
        let rollout = try await controller.start("chat", to: 2, .blueGreen(BlueGreenPlan()), by: Bench.ana)
        _ = try await controller.approve(rollout.id, digest: rollout.digest, by: Bench.eva)
        await controller.settle("chat")
        _ = try await controller.rollBack("chat", why: "worse", by: Bench.ana)
        await controller.settle("chat")
        #expect(try controller.store.deployment("chat").stable == 1)
    }
}
