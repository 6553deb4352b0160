/// What a request may need, or needed.
struct Charge: Sendable, Hashable {
    var tokens: Int
    /// In billionths of a unit.
    var cost: Int

    init(_ usage: TokenUsage, _ price: ModelPrice?) {
        tokens = usage.tokens
        cost = price?.cost(usage) ?? 0
    }

    var total: QuotaTotal { QuotaTotal(tokens: tokens, cost: cost) }
}

/// A time as limits count it.
struct Moment: Sendable, Hashable {
    /// In µs since 1970.
    let now: Int
    let today: UTCDay
    let month: UsagePeriod

    init(now: Int) {
        self.now = now
        today = UTCDay(at: now)
        month = .month(of: today)
    }
}

/// A limit that has no room for a request.
struct Shortfall: Sendable, Hashable {
    var kind: LimitKind
    var limit: Int
    var needed: Int
    /// In µs; nil: the request can never fit.
    var wait: Int?
}
