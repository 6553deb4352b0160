/// What a rollout does, fixed when it is asked for.
public enum RolloutPlan: Sendable, Hashable, Codable {
    case canary(CanaryPlan)
    case ab(ABPlan)
    case blueGreen(BlueGreenPlan)
    case shadow(ShadowPlan)
    case rollback

    public var kind: RolloutKind {
        switch self {
        case .canary: .canary
        case .ab: .ab
        case .blueGreen: .blueGreen
        case .shadow: .shadow
        case .rollback: .rollback
        }
    }

    func check() throws(ReleaseError) {
        switch self {
        case .canary(let plan): try plan.check()
        case .ab(let plan): try plan.check()
        case .shadow(let plan): try plan.check()
        case .blueGreen, .rollback: break
        }
    }
}

/// By what requests are kept with one version.
public enum Stickiness: String, Sendable, Hashable, Codable, CaseIterable {
    case user, tenant
}

public struct CanaryPlan: Sendable, Hashable, Codable {
    public struct Step: Sendable, Hashable, Codable {
        public var share: TrafficShare
        /// It lasts at least so long.
        public var minimumSeconds: Double
        /// And until the candidate has finished so many requests.
        public var minimumRequests: Int
        /// A step that did not come to so many requests by then aborts.
        public var maximumSeconds: Double

        public init(
            share: TrafficShare, minimumSeconds: Double = 600, minimumRequests: Int = 200,
            maximumSeconds: Double = 24 * 3600
        ) {
            self.share = share
            self.minimumSeconds = minimumSeconds
            self.minimumRequests = minimumRequests
            self.maximumSeconds = maximumSeconds
        }
    }

    public var steps: [Step]
    /// nil: the deployment's, as they are when it is asked for.
    public var guardrails: [Guardrail]?
    public var stickiness: Stickiness

    /// 5 → 25 → 50 → 100 %.
    public static let standardSteps = [500, 2500, 5000, 10_000].map { Step(share: TrafficShare(unchecked: $0)) }

    public init(
        steps: [Step] = standardSteps, guardrails: [Guardrail]? = nil, stickiness: Stickiness = .user
    ) {
        self.steps = steps
        self.guardrails = guardrails
        self.stickiness = stickiness
    }

    func check() throws(ReleaseError) {
        guard (1...50).contains(steps.count), steps.last?.share == .all else {
            throw .invalid(field: "steps", problem: "must be 1 to 50, the last with a share of 100 %")
        }
        guard zip(steps, steps.dropFirst()).allSatisfy({ $0.share < $1.share }), steps[0].share > .none else {
            throw .invalid(field: "steps", problem: "each share must be more than the one before")
        }
        for step in steps {
            guard step.minimumSeconds.isFinite, step.minimumSeconds >= 0, step.minimumRequests >= 1,
                step.maximumSeconds.isFinite, step.maximumSeconds > step.minimumSeconds
            else {
                throw .invalid(
                    field: "steps",
                    problem: "needs minimumSeconds of 0 or more, minimumRequests of 1 or more, and "
                        + "maximumSeconds beyond minimumSeconds")
            }
        }
        for guardrail in guardrails ?? [] {
            try guardrail.check()
            // A step that ends before its guardrails have seen enough would be no step. (Feedback comes as it likes.)
            if case .feedback = guardrail.metric { continue }
            guard steps.allSatisfy({ $0.minimumRequests >= guardrail.minimumSamples }) else {
                throw .invalid(
                    field: "steps.minimumRequests",
                    problem: "must be at least \(guardrail.minimumSamples), with which \(guardrail.name) begins "
                        + "to judge")
            }
        }
    }
}
