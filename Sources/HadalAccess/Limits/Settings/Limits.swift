/// Limits of one scope. nil: none of that kind.
public struct Limits: Sendable, Hashable {
    public var requestsPerMinute: Int?
    public var tokensPerMinute: Int?
    public var concurrentRequests: Int?
    public var tokensPerDay: Int?
    public var tokensPerMonth: Int?
    public var costPerMonth: Cost?

    public init(
        requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, concurrentRequests: Int? = nil,
        tokensPerDay: Int? = nil, tokensPerMonth: Int? = nil, costPerMonth: Cost? = nil
    ) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.concurrentRequests = concurrentRequests
        self.tokensPerDay = tokensPerDay
        self.tokensPerMonth = tokensPerMonth
        self.costPerMonth = costPerMonth
    }

    /// Costs in billionths of a unit.
    public subscript(kind: LimitKind) -> Int? {
        get {
            switch kind {
            case .requestsPerMinute: requestsPerMinute
            case .tokensPerMinute: tokensPerMinute
            case .concurrentRequests: concurrentRequests
            case .tokensPerDay: tokensPerDay
            case .tokensPerMonth: tokensPerMonth
            case .costPerMonth: costPerMonth?.billionths
            }
        }
        set {
            switch kind {
            case .requestsPerMinute: requestsPerMinute = newValue
            case .tokensPerMinute: tokensPerMinute = newValue
            case .concurrentRequests: concurrentRequests = newValue
            case .tokensPerDay: tokensPerDay = newValue
            case .tokensPerMonth: tokensPerMonth = newValue
            case .costPerMonth: costPerMonth = newValue.map(Cost.init(billionths:))
            }
        }
    }

    var isEmpty: Bool { self == Limits() }

    /// Whether days or months must be counted.
    var hasQuota: Bool { tokensPerDay != nil || tokensPerMonth != nil || costPerMonth != nil }

    /// - Throws: `LimitError.badValue`.
    func validate() throws(LimitError) {
        for kind in LimitKind.allCases {
            guard let value = self[kind] else { continue }
            guard (0...kind.maximum).contains(value) else { throw .badValue(kind, kind.text(value)) }
        }
    }
}

/// One limit that was set for one scope, in place of the default for scopes of its kind.
public struct LimitOverride: Sendable, Hashable {
    public var scope: LimitScope
    public var kind: LimitKind
    /// nil: no limit, whatever the default is. Costs in billionths of a unit.
    public var value: Int?

    public init(scope: LimitScope, kind: LimitKind, value: Int?) {
        self.scope = scope
        self.kind = kind
        self.value = value
    }
}
