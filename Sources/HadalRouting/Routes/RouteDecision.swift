import HadalJSON

/// One place of a plan.
public struct PlanStep: Sendable, Hashable {
    public var target: String
    public var hedgeAfter: HedgeDelay?
    public var timeout: Duration?

    public init(_ target: String, hedgeAfter: HedgeDelay? = nil, timeout: Duration? = nil) {
        self.target = target
        self.hedgeAfter = hedgeAfter
        self.timeout = timeout
    }
}

/// Where a request goes, and why.
public struct RouteDecision: Sendable, Hashable {
    /// What was asked for.
    public var alias: String
    /// Targets in the order in which they are tried, each once; never empty.
    public var plan: [PlanStep]
    /// The route of the alias, and those of the aliases that it leads to.
    public var reasons: [Reason]

    /// What one route chose.
    public struct Reason: Sendable, Hashable {
        public var alias: String
        /// nil for the default.
        public var rule: String?
        /// Why the rule holds; empty for the default, and for a rule without conditions.
        public var checks: [ConditionCheck]
        /// The rules before it, each with the condition that did not hold.
        public var passed: [Passed]
    }

    public struct Passed: Sendable, Hashable {
        public var rule: String
        public var check: ConditionCheck
    }
}

extension RouteDecision {
    /// `alias`, `plan` (`target`, `hedge_after`, `timeout`) and `reasons` (`alias`, `rule`, `because`, `passed`).
    public var json: JSON {
        [
            "alias": .string(alias), "plan": .array(plan.map(\.json)), "reasons": .array(reasons.map(\.json)),
        ]
    }
}

extension PlanStep {
    var json: JSON {
        .compact([
            ("target", .string(target)), ("hedge_after", hedgeAfter.map { .string($0.description) }),
            ("timeout", timeout.map { .string(DurationText.text($0)) }),
        ])
    }
}

extension RouteDecision.Reason {
    fileprivate var json: JSON {
        [
            "alias": .string(alias), "rule": rule.map { .string($0) } ?? .null,
            "because": .array(checks.map { .string("\($0.field): \($0.detail)") }),
            "passed": .array(
                passed.map { ["rule": .string($0.rule), "because": .string("\($0.check.field): \($0.check.detail)")] }),
        ]
    }
}
