/// What the configuration says about limits.
public struct LimitConfiguration: Sendable, Hashable {
    public static let requestsPerMinuteForKeys = 2000

    /// Limits of every scope of a kind that has no others.
    public var defaults: [LimitScope.Kind: Limits] = [.key: Limits(requestsPerMinute: requestsPerMinuteForKeys)]
    /// The first that fits a model counts; models that none fits cost nothing.
    public var prices: [ModelPrice] = []
    /// How long an answer is taken to become where the client names no length. What it really was is set right at its
    /// end.
    public var assumedAnswerTokens = 1024
    /// Requests that may wait because too many run already.
    public var queueLimit = 1024
    /// How long they may; zero: they are refused at once.
    public var maximumWait: Duration = .seconds(10)
    /// How many turns of others' a tenant gets, from 0.01 to 100; 1 where none is given.
    public var tenantWeights: [String: Double] = [:]
    /// Scopes counted at the same time. Where more come, those that were not seen for longest are forgotten.
    public var countersLimit = 65_536

    public init() {}

    /// - Throws: `LimitError` that says what to write instead.
    public func validate() throws(LimitError) {
        for limits in defaults.values { try limits.validate() }
        try require("assumed answer tokens", 0...TokenUsage.maximum, assumedAnswerTokens)
        try require("queue limit", 0...1_000_000, queueLimit)
        try require("counters limit", 1024...10_000_000, countersLimit)
        guard (.zero ... .seconds(3600)).contains(maximumWait) else {
            throw .badSetting(name: "maximum wait", expected: "between 0 and 3600 seconds")
        }
        for weight in tenantWeights.values where !(0.01...100).contains(weight) {
            throw .badSetting(name: "a tenant's weight", expected: "between 0.01 and 100")
        }
    }

    private func require(_ name: String, _ range: ClosedRange<Int>, _ value: Int) throws(LimitError) {
        guard range.contains(value) else {
            throw .badSetting(name: name, expected: "between \(range.lowerBound) and \(range.upperBound)")
        }
    }
}

/// Configuration and overrides together: which limits each scope has.
struct LimitSettings: Sendable {
    let configuration: LimitConfiguration
    private let overrides: [LimitScope: [LimitKind: Int?]]
    /// Kinds of scopes that need no look at all are not in it.
    private let limitedKinds: Set<LimitScope.Kind>

    init(_ configuration: LimitConfiguration, _ overrides: [LimitOverride]) {
        self.configuration = configuration
        var byScope: [LimitScope: [LimitKind: Int?]] = [:]
        for override in overrides { byScope[override.scope, default: [:]][override.kind] = .some(override.value) }
        self.overrides = byScope
        limitedKinds = Set(byScope.keys.map(\.kind)).union(configuration.defaults.filter { !$0.value.isEmpty }.keys)
    }

    func mayLimit(_ kind: LimitScope.Kind) -> Bool { limitedKinds.contains(kind) }

    func limits(of scope: LimitScope) -> Limits {
        var limits = configuration.defaults[scope.kind] ?? Limits()
        if let overrides = overrides[scope] {
            for (kind, value) in overrides { limits[kind] = value }
        }
        return limits
    }

    func price(of model: String) -> ModelPrice? { configuration.prices.first { $0.contains(model) } }

    func weight(of tenant: String) -> Double { configuration.tenantWeights[tenant] ?? 1 }
}

extension LimitConfiguration {
    /// What a request would cost by the price for `model`; nil where there is none for it.
    /// - Parameter answerTokens: nil: as long as answers are taken to become.
    public func estimate(_ model: String, promptTokens: Int, answerTokens: Int?) -> Cost? {
        guard let price = prices.first(where: { $0.contains(model) }) else { return nil }
        return Cost(
            billionths: price.cost(TokenUsage(prompt: promptTokens, answer: answerTokens ?? assumedAnswerTokens)))
    }
}
