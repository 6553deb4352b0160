import HadalJSON

extension ReleaseShapes {
    static func plan(_ plan: RolloutPlan) -> JSON {
        switch plan {
        case .canary(let plan):
            .compact([
                ("steps", .array(plan.steps.map(step))),
                ("guardrails", plan.guardrails.map { .array($0.map(guardrail)) }),
                ("stickiness", .string(plan.stickiness.rawValue)),
            ])
        case .ab(let plan):
            .compact([
                ("share", .double(plan.share.percent)), ("stickiness", .string(plan.stickiness.rawValue)),
                ("plannedSubjects", number(plan.plannedSubjects)), ("significance", .double(plan.significance)),
            ])
        case .blueGreen(let plan): .compact([("switchesByItself", .bool(plan.switchesByItself))])
        case .shadow(let plan):
            .compact([("share", .double(plan.share.percent)), ("similarFrom", .double(plan.similarFrom))])
        case .rollback: .compact([])
        }
    }

    private static func step(_ step: CanaryPlan.Step) -> JSON {
        .compact([
            ("share", .double(step.share.percent)), ("minimumSeconds", .double(step.minimumSeconds)),
            ("minimumRequests", number(step.minimumRequests)), ("maximumSeconds", .double(step.maximumSeconds)),
        ])
    }

    static func guardrail(_ guardrail: Guardrail) -> JSON {
        var quantile: Double?
        switch guardrail.metric {
        case .timeToFirstToken(let value), .totalLatency(let value): quantile = value
        default: break
        }
        return .compact([
            ("metric", .string(guardrail.name)), ("quantile", quantile.map(JSON.double)),
            ("absolute", guardrail.absolute.map(JSON.double)), ("relative", guardrail.relative.map(JSON.double)),
            ("minimumSamples", number(guardrail.minimumSamples)),
        ])
    }

    public static func verdict(_ verdict: GuardrailVerdict) -> JSON {
        .compact([
            ("guardrail", guardrail(verdict.guardrail)), ("outcome", .string(verdict.outcome.rawValue)),
            ("candidate", verdict.candidate.map(JSON.double)), ("baseline", verdict.baseline.map(JSON.double)),
            ("p", verdict.p.map(JSON.double)), ("reason", .string(verdict.reason)),
        ])
    }
}
