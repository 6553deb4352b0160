/// What a scope has used in a day or month.
struct QuotaCount: Sendable, Hashable {
    private(set) var period: UsagePeriod
    /// As the file had it when it was read last.
    private var written = QuotaTotal()
    /// What this process has counted since and not written.
    private var unwritten = QuotaTotal()

    init(_ period: UsagePeriod) { self.period = period }

    var used: QuotaTotal {
        var used = written
        used += unwritten
        return used
    }

    /// Begins anew when the period is over.
    /// - Returns: false where the clock was set back by more than a period, so that what is known is about another
    ///   time.
    mutating func advance(to period: UsagePeriod) -> Bool {
        if period == self.period { return true }
        if period.first > self.period.first {
            self = QuotaCount(period)
        } else if period.end < self.period.first {
            self = QuotaCount(period)
            return false
        }
        return true
    }

    mutating func add(_ total: QuotaTotal, _ period: UsagePeriod) {
        if period == self.period { unwritten += total }
    }

    /// What was read from the file, and what is in none yet.
    mutating func begin(written: QuotaTotal, unwritten: QuotaTotal) {
        self.written = written
        self.unwritten = unwritten
    }

    mutating func wrote(_ change: QuotaChange, _ period: UsagePeriod) {
        guard period == self.period else { return }
        written = change.total
        unwritten.tokens = max(0, unwritten.tokens - change.added.tokens)
        unwritten.cost = max(0, unwritten.cost - change.added.cost)
    }
}
