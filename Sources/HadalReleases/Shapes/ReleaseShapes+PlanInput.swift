import HadalJSON

extension ReleaseShapes {
    static func plan(_ kind: RolloutKind, _ json: JSON) throws(ReleaseError) -> RolloutPlan {
        switch kind {
        case .canary: return .canary(try canary(json))
        case .ab:
            let input = try ReleaseInput(
                json, path: "plan", known: ["share", "stickiness", "plannedSubjects", "significance"])
            return .ab(
                ABPlan(
                    share: try input.share("share") ?? .half, stickiness: try input.choice("stickiness") ?? .user,
                    plannedSubjects: try input.int("plannedSubjects"),
                    significance: try input.double("significance") ?? 0.05))
        case .blueGreen:
            let input = try ReleaseInput(json, path: "plan", known: ["switchesByItself"])
            return .blueGreen(BlueGreenPlan(switchesByItself: try input.bool("switchesByItself") ?? true))
        case .shadow:
            let input = try ReleaseInput(json, path: "plan", known: ["share", "similarFrom"])
            return .shadow(
                ShadowPlan(
                    share: try input.required("share", try input.share("share")),
                    similarFrom: try input.double("similarFrom") ?? 0.8))
        case .rollback:
            throw .invalid(field: "kind", problem: "a rollback has a request of its own")
        }
    }

    private static func canary(_ json: JSON) throws(ReleaseError) -> CanaryPlan {
        let input = try ReleaseInput(json, path: "plan", known: ["steps", "guardrails", "stickiness"])
        var plan = CanaryPlan()
        plan.stickiness = try input.choice("stickiness") ?? .user
        plan.guardrails = try guardrails(input, "plan.guardrails")
        guard let steps = try input.array("steps") else { return plan }
        plan.steps = []
        for (index, json) in steps.enumerated() {
            let part = try ReleaseInput(
                json, path: "plan.steps[\(index)]",
                known: ["share", "minimumSeconds", "minimumRequests", "maximumSeconds"])
            var step = CanaryPlan.Step(share: try part.required("share", try part.share("share")))
            step.minimumSeconds = try part.double("minimumSeconds") ?? step.minimumSeconds
            step.minimumRequests = try part.int("minimumRequests") ?? step.minimumRequests
            step.maximumSeconds = try part.double("maximumSeconds") ?? step.maximumSeconds
            plan.steps.append(step)
        }
        return plan
    }
}
