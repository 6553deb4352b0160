/// A bound on what a candidate may show. It is broken where the bound is passed and chance does not explain it.
public struct Guardrail: Sendable, Hashable, Codable {
    public enum Metric: Sendable, Hashable, Codable {
        case errorRate, refusalRate, firewallRate
        /// Of the finished requests, those whose worker ended under them, be it that another went on with them.
        case lossRate
        /// Seconds, at a quantile between 0 and 1.
        case timeToFirstToken(quantile: Double)
        case totalLatency(quantile: Double)
        /// The median; lower is worse.
        case tokensPerSecond
        /// The mean of a feedback metric; lower is worse.
        case feedback(name: String)

        public var isLowerWorse: Bool {
            switch self {
            case .tokensPerSecond, .feedback: true
            default: false
            }
        }
    }

    public var metric: Metric
    /// The candidate may not be beyond this: above, or below where lower is worse.
    public var absolute: Double?
    /// The candidate may be so many times the baseline at most: 1.5; at least where lower is worse: 0.8.
    public var relative: Double?
    /// With fewer values than this it does not judge.
    public var minimumSamples: Int

    public init(_ metric: Metric, absolute: Double? = nil, relative: Double? = nil, minimumSamples: Int = 30) {
        self.metric = metric
        self.absolute = absolute
        self.relative = relative
        self.minimumSamples = minimumSamples
    }

    public static let standard = [
        Guardrail(.errorRate, absolute: 0.1, relative: 1.5),
        Guardrail(.lossRate, absolute: 0.05, relative: 1.5),
        Guardrail(.timeToFirstToken(quantile: 0.95), relative: 1.5),
        Guardrail(.totalLatency(quantile: 0.95), relative: 1.5),
        Guardrail(.tokensPerSecond, relative: 0.8),
        Guardrail(.refusalRate, relative: 1.5),
        Guardrail(.firewallRate, relative: 1.5),
        Guardrail(.feedback(name: "score"), relative: 0.9),
    ]

    func check() throws(ReleaseError) {
        guard absolute != nil || relative != nil else {
            throw .invalid(field: "guardrails.\(name)", problem: "needs an absolute or a relative bound")
        }
        guard absolute?.isFinite ?? true, relative.map({ $0.isFinite && $0 > 0 }) ?? true else {
            throw .invalid(field: "guardrails.\(name)", problem: "bounds are numbers, relative ones more than 0")
        }
        guard relative.map({ metric.isLowerWorse ? $0 <= 1 : $0 >= 1 }) ?? true else {
            throw .invalid(
                field: "guardrails.\(name).relative",
                problem: metric.isLowerWorse ? "must be at most 1, as lower is worse" : "must be at least 1")
        }
        guard minimumSamples >= 2 else {
            throw .invalid(field: "guardrails.\(name).minimumSamples", problem: "must be 2 or more")
        }
        switch metric {
        case .timeToFirstToken(let quantile), .totalLatency(let quantile):
            guard quantile > 0, quantile < 1 else {
                throw .invalid(field: "guardrails.\(name).quantile", problem: "must be between 0 and 1")
            }
        default: break
        }
    }

    public var name: String {
        switch metric {
        case .errorRate: "error_rate"
        case .refusalRate: "refusal_rate"
        case .firewallRate: "firewall_rate"
        case .lossRate: "loss_rate"
        case .timeToFirstToken: "time_to_first_token"
        case .totalLatency: "total_latency"
        case .tokensPerSecond: "tokens_per_second"
        case .feedback(let name): "feedback.\(name)"
        }
    }
}
