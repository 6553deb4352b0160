/// Whom a request is counted for. Ids and names as in `LimitedRequest`; empty where there is none.
struct UsageKey: Sendable, Hashable {
    /// On which the request ended.
    var day: UTCDay
    var tenant: String
    var user: String
    var key: String
    var model: String

    /// All scopes that it is part of.
    var scopes: [LimitScope] {
        var scopes: [LimitScope] = [
            .server, .tenant(tenant), .model(model), .tenantModel(tenant: tenant, model: model),
        ]
        if !key.isEmpty { scopes.append(.key(key)) }
        if !user.isEmpty { scopes.append(.user(user)) }
        return scopes
    }

    func isPart(of total: QuotaKey) -> Bool {
        let isInScope =
            switch total.scope {
            case .server: true
            case .key(let id): key == id
            case .user(let id): user == id
            case .tenant(let name): tenant == name
            case .model(let name): model == name
            case .tenantModel(let tenant, let model): self.tenant == tenant && self.model == model
            }
        return isInScope && total.period.first <= day && day < total.period.end
    }
}

/// What was used.
struct UsageCounts: Sendable, Hashable {
    var requests = 0
    var promptTokens = 0
    /// Part of the prompts'.
    var cachedTokens = 0
    var answerTokens = 0
    /// In billionths of a unit.
    var cost = 0

    var quotaTotal: QuotaTotal { QuotaTotal(tokens: promptTokens.clampedSum(answerTokens), cost: cost) }

    static func += (left: inout UsageCounts, right: UsageCounts) {
        left.requests = left.requests.clampedSum(right.requests)
        left.promptTokens = left.promptTokens.clampedSum(right.promptTokens)
        left.cachedTokens = left.cachedTokens.clampedSum(right.cachedTokens)
        left.answerTokens = left.answerTokens.clampedSum(right.answerTokens)
        left.cost = left.cost.clampedSum(right.cost)
    }
}

/// What quotas are compared with.
struct QuotaTotal: Sendable, Hashable {
    var tokens = 0
    /// In billionths of a unit.
    var cost = 0

    static func += (left: inout QuotaTotal, right: QuotaTotal) {
        left.tokens = left.tokens.clampedSum(right.tokens)
        left.cost = left.cost.clampedSum(right.cost)
    }
}

/// A total's name: whose it is and for which time.
struct QuotaKey: Sendable, Hashable {
    var scope: LimitScope
    var period: UsagePeriod
}

/// What happened to a total in the file.
struct QuotaChange: Sendable, Hashable {
    /// By this process.
    var added = QuotaTotal()
    /// What the file has now, by whomever.
    var total: QuotaTotal
}

/// Usage that is not written yet.
struct UsageBatch: Sendable {
    /// Written each second, so that only a disk that fails gets it near here.
    static let rowsLimit = 65_536
    /// What stands for users, keys and models when there are too many.
    static let others = "(others)"

    private(set) var rows: [UsageKey: UsageCounts] = [:]

    var isEmpty: Bool { rows.isEmpty }

    /// Beyond the limit, requests are counted for their tenant alone.
    mutating func add(_ key: UsageKey, _ counts: UsageCounts) {
        guard rows.count >= UsageBatch.rowsLimit, rows[key] == nil else {
            rows[key, default: UsageCounts()] += counts
            return
        }
        let others = UsageBatch.others
        let shared = UsageKey(day: key.day, tenant: key.tenant, user: others, key: others, model: others)
        rows[shared, default: UsageCounts()] += counts
    }

    mutating func add(_ batch: UsageBatch) {
        for (key, counts) in batch.rows { add(key, counts) }
    }

    /// What it adds to one total.
    func total(_ key: QuotaKey) -> QuotaTotal {
        var total = QuotaTotal()
        for (row, counts) in rows where row.isPart(of: key) { total += counts.quotaTotal }
        return total
    }

    /// What it adds to each total.
    func totals() -> [QuotaKey: QuotaTotal] {
        var totals: [QuotaKey: QuotaTotal] = [:]
        for (key, counts) in rows {
            let total = counts.quotaTotal
            let month = UsagePeriod.month(of: key.day)
            for scope in key.scopes {
                totals[QuotaKey(scope: scope, period: .day(key.day)), default: QuotaTotal()] += total
                totals[QuotaKey(scope: scope, period: month), default: QuotaTotal()] += total
            }
        }
        return totals
    }
}

extension Int {
    /// Sums of usage stop at 4·10¹⁸ instead of overflowing, in memory as in SQLite.
    static let sumMaximum = 4_000_000_000_000_000_000

    /// Of two that are each at most `sumMaximum`.
    func clampedSum(_ other: Int) -> Int { Swift.min(self + other, Int.sumMaximum) }
}
