import Foundation
import HadalJSON
import Testing

@testable import HadalReleases

/// What the administration's API takes and shows.
@Suite struct ShapesTests {
    private func problem(_ text: String, _ read: (JSON) throws -> Void) -> ReleaseError? {
        do {
            try read(JSON(parsing: text))
            return nil
        } catch {
            return error as? ReleaseError
        }
    }

    @Test func aCanaryIsReadAsItIsShown() throws {
        let text = """
            {"kind": "canary", "candidate": 2, "note": "faster", "plan": {"stickiness": "tenant",
            "steps": [{"share": 12.5, "minimumRequests": 50}, {"share": 100, "minimumSeconds": 1}],
            "guardrails": [{"metric": "total_latency", "quantile": 0.99, "relative": 1.2},
            {"metric": "loss_rate", "absolute": 0.02},
            {"metric": "feedback.score", "absolute": 3, "minimumSamples": 10}]}}
            """
        let (candidate, plan, note) = try ReleaseShapes.newRollout(try JSON(parsing: text))
        #expect(candidate == 2 && note == "faster")
        guard case .canary(let canary) = plan else {
            Issue.record("not \(plan)")
            return
        }
        #expect(canary.stickiness == .tenant && canary.steps.map(\.share.basisPoints) == [1250, 10_000])
        #expect(canary.steps[1].minimumRequests == 200 && canary.steps[0].minimumSeconds == 600)
        #expect(
            canary.guardrails == [
                Guardrail(.totalLatency(quantile: 0.99), relative: 1.2), Guardrail(.lossRate, absolute: 0.02),
                Guardrail(.feedback(name: "score"), absolute: 3, minimumSamples: 10),
            ])
        let shown = ReleaseShapes.plan(plan)
        #expect(try ReleaseShapes.plan(.canary, shown) == plan)
    }

    @Test func everyKindIsReadAsItIsShown() throws {
        let plans: [RolloutPlan] = [
            .ab(ABPlan(share: TrafficShare(unchecked: 100), plannedSubjects: 900, significance: 0.01)),
            .blueGreen(BlueGreenPlan(switchesByItself: false)),
            .shadow(ShadowPlan(share: .half, similarFrom: 0.5)), .canary(CanaryPlan(guardrails: Guardrail.standard)),
        ]
        for plan in plans { #expect(try ReleaseShapes.plan(plan.kind, ReleaseShapes.plan(plan)) == plan) }
        let settings = DeploymentSettings(
            approvals: ApprovalSettings(kinds: [.ab, .canary], required: 2), keptVersions: 5, standbySeconds: 0)
        #expect(try ReleaseShapes.settings(ReleaseShapes.settings(settings)) == settings)
    }

    @Test func aMisspeltMemberIsNamed() {
        let wrong: [(String, String)] = [
            (#"{"kind": "canary", "candidate": 2, "plan": {"guardrail": []}}"#, "plan.guardrail"),
            (#"{"kind": "canary", "candidate": 2, "plan": {"steps": [{"shares": 5}]}}"#, "plan.steps[0].shares"),
            (#"{"kind": "canary", "candidate": 2, "plan": {"steps": [{"share": 500}]}}"#, "plan.steps[0].share"),
            (
                #"{"kind": "canary", "candidate": 2, "plan": {"guardrails": [{"metric": "errors"}]}}"#,
                "plan.guardrails[0].metric"
            ),
            (#"{"kind": "green", "candidate": 2}"#, "kind"), (#"{"kind": "ab"}"#, "candidate"),
            (#"{"kind": "shadow", "candidate": 2}"#, "share"), (#"{"kind": "rollback", "candidate": 2}"#, "kind"),
            ("[]", "body"),
        ]
        for (text, field) in wrong {
            let found = problem(text) { _ = try ReleaseShapes.newRollout($0) }
            guard case .invalid(let name, _) = found else {
                Issue.record("\(text): \(String(describing: found))")
                continue
            }
            #expect(name == field || name.hasSuffix(".\(field)"), "\(text)")
        }
    }

    @Test func feedbackIsTrueOrANumber() throws {
        let now = Date(timeIntervalSince1970: 5)
        func read(_ value: String) throws -> Feedback.Value {
            let text = #"{"request": "r", "version": 1, "subject": "user:1", "metric": "score", "value": \#(value)}"#
            return try ReleaseShapes.feedback(try JSON(parsing: text), now: now).value
        }
        #expect(try read("true") == .binary(true) && read("4") == .numeric(4) && read("-0.5") == .numeric(-0.5))
        for value in ["\"4\"", "null", "1e300"] { #expect(throws: ReleaseError.self) { try read(value) } }
    }

    @Test func aVersionNeedsModelAndDigest() throws {
        let text = #"{"model": "m", "digest": "sha256:1", "options": {"threads": "4"}}"#
        let made = try ReleaseShapes.newVersion(try JSON(parsing: text))
        #expect(made.content.options == ["threads": "4"] && made.note == "")
        for text in [#"{"model": "m"}"#, #"{"model": "m", "digest": "d", "options": {"threads": 4}}"#] {
            #expect(throws: ReleaseError.self) { try ReleaseShapes.newVersion(try JSON(parsing: text)) }
        }
    }

    @Test func whatIsShownHasNoSecretAndIsComplete() async throws {
        let bench = try Bench()
        let controller = try await bench.serving(FakeActuator(bench.world))
        let rollout = try await controller.start("chat", to: 2, .canary(Bench.quick), note: "why", by: Bench.ana)
        await controller.settle("chat")
        let deployment = ReleaseShapes.deployment(try controller.store.deployment("chat"))
        #expect(deployment["stable"]?.int == 1 && deployment["traffic"]?["shares"]?["2"]?.double == 5)
        #expect(!deployment.text.contains("salt"))
        let shown = ReleaseShapes.rollout(try controller.store.rollout(rollout.id), pending: ["warm version 2"])
        #expect(shown["kind"]?.string == "canary" && shown["state"]?.string == "running")
        #expect(shown["by"]?["id"]?.string == "user:1" && shown["pending"]?[0]?.string == "warm version 2")
        #expect(shown["plan"]?["guardrails"]?.array?.count == Guardrail.standard.count)
        let event = ReleaseShapes.event(try #require(try controller.store.events().first))
        #expect(event["action"]?.string == "rollout.step" && event["before"]?.string == "preparing")
        let version = ReleaseShapes.version(try controller.store.versions("chat")[1])
        #expect(version["digest"]?.string == "sha256:2" && version["isUp"]?.bool == true)
    }

    @Test func everyErrorSaysWhatToDo() {
        let errors: [ReleaseError] = [
            .noDeployment(alias: "chat"), .noRollout(id: 1), .underWay(alias: "chat", rollout: 1, kind: .ab),
            .nothingUnderWay(alias: "chat"), .noPrevious(alias: "chat"),
            .wrongState(rollout: 1, state: .aborted, act: "promoted"), .approvalExpired(rollout: 1),
            .contentChanged(rollout: 1), .neverServed(alias: "chat", number: 2),
        ]
        for error in errors { #expect(error.description.contains("hadal "), "\(error)") }
    }
}
