/// What is counted for one scope.
struct LimitCounter: Sendable {
    let scope: LimitScope
    var limits: Limits
    /// In µs since 1970.
    private(set) var lastUsed: Int
    /// Requests that have begun and not ended.
    private(set) var running = 0
    /// Requests in the queue.
    private(set) var waiting = 0

    private(set) var requests = MinuteBucket()
    private(set) var tokens = MinuteBucket()
    private var day: QuotaCount
    private var month: QuotaCount
    /// Whether `day` and `month` have what the file has.
    private var isLoaded = false
    /// What requests that run or wait may need of the quotas.
    private var reserved = QuotaTotal()
    /// From begin to end of a request in µs, mostly the last ten or so; nil: none has ended.
    private(set) var meanTime: Int?

    init(_ scope: LimitScope, _ limits: Limits, _ moment: Moment) {
        self.scope = scope
        self.limits = limits
        lastUsed = moment.now
        day = QuotaCount(.day(moment.today))
        month = QuotaCount(moment.month)
    }

    var hasRoom: Bool { limits.concurrentRequests.map { running < $0 } ?? true }
    var isHeld: Bool { running > 0 || waiting > 0 }
    /// Whether nothing is lost when it is forgotten: quotas are in the file.
    var isIdle: Bool { !isHeld && requests.isFull && tokens.isFull }

    private var requestsLimit: Int { limits.requestsPerMinute ?? LimitKind.requestsPerMinute.maximum }
    private var tokensLimit: Int { limits.tokensPerMinute ?? LimitKind.tokensPerMinute.maximum }

    mutating func advance(_ moment: Moment) {
        lastUsed = max(lastUsed, moment.now)
        fill(moment)
        let isDayKnown = day.advance(to: .day(moment.today))
        let isMonthKnown = month.advance(to: moment.month)
        if !isDayKnown || !isMonthKnown { isLoaded = false }
    }

    mutating func fill(_ moment: Moment) {
        requests.fill(requestsLimit, now: moment.now)
        tokens.fill(tokensLimit, now: moment.now)
    }

    /// Whether all limits but that of concurrency have room.
    func fits(_ charge: Charge) -> Bool {
        if let limit = limits.requestsPerMinute, requests.wait(for: 1, limit) != 0 { return false }
        if let limit = limits.tokensPerMinute, tokens.wait(for: charge.tokens, limit) != 0 { return false }
        if let limit = limits.tokensPerDay, day.used.tokens + reserved.tokens + charge.tokens > limit { return false }
        if let limit = limits.tokensPerMonth, month.used.tokens + reserved.tokens + charge.tokens > limit {
            return false
        }
        if let limit = limits.costPerMonth?.billionths, month.used.cost + reserved.cost + charge.cost > limit {
            return false
        }
        return true
    }

    /// Those for which `fits` is false.
    func shortfalls(_ charge: Charge, _ moment: Moment) -> [Shortfall] {
        var all: [Shortfall] = []
        if let limit = limits.requestsPerMinute {
            let wait = requests.wait(for: 1, limit)
            all.append(Shortfall(kind: .requestsPerMinute, limit: limit, needed: 1, wait: wait))
        }
        if let limit = limits.tokensPerMinute {
            let wait = tokens.wait(for: charge.tokens, limit)
            all.append(Shortfall(kind: .tokensPerMinute, limit: limit, needed: charge.tokens, wait: wait))
        }
        func add(_ kind: LimitKind, _ count: QuotaCount, _ value: (QuotaTotal) -> Int) {
            guard let limit = limits[kind] else { return }
            let needed = value(charge.total)
            let wait: Int? =
                if needed > limit {
                    nil
                } else if value(count.used) + needed > limit {
                    max(1, count.period.end.start - moment.now)
                } else if value(count.used) + value(reserved) + needed > limit {
                    // Requests that run may give back what they have reserved.
                    meanTime ?? 1_000_000
                } else {
                    0
                }
            all.append(Shortfall(kind: kind, limit: limit, needed: needed, wait: wait))
        }
        add(.tokensPerDay, day, \.tokens)
        add(.tokensPerMonth, month, \.tokens)
        add(.costPerMonth, month, \.cost)
        return all.filter { $0.wait != 0 }
    }

    /// nil: there is room.
    func concurrencyShortfall(_ meanTimeElsewhere: Int?) -> Shortfall? {
        guard let limit = limits.concurrentRequests, running >= limit else { return nil }
        guard limit > 0 else { return Shortfall(kind: .concurrentRequests, limit: 0, needed: 1, wait: nil) }
        // `limit` of them end in the mean time of one; those in the queue are begun before.
        let time = meanTime ?? meanTimeElsewhere ?? 1_000_000
        let wait = max(1, min(time, 3_600_000_000) * (waiting + 1) / limit)
        return Shortfall(kind: .concurrentRequests, limit: limit, needed: 1, wait: wait)
    }
}

extension LimitCounter {
    mutating func reserve(_ charge: Charge) {
        requests.take(1, requestsLimit)
        tokens.take(charge.tokens, tokensLimit)
        reserved += charge.total
    }

    /// A request that was not begun: nothing of it counts.
    mutating func cancel(_ charge: Charge, after elapsed: Int) {
        requests.giveBack(1, after: elapsed, requestsLimit)
        tokens.giveBack(charge.tokens, after: elapsed, tokensLimit)
        release(charge)
    }

    /// A request that has ended, and used something else than was reserved.
    mutating func settle(_ charge: Charge, used: Charge, after elapsed: Int, _ moment: Moment) {
        if used.tokens > charge.tokens {
            tokens.take(used.tokens - charge.tokens, tokensLimit)
        } else {
            tokens.giveBack(charge.tokens - used.tokens, after: elapsed, tokensLimit)
        }
        release(charge)
        guard isLoaded else { return }
        day.add(used.total, .day(moment.today))
        month.add(used.total, moment.month)
    }

    private mutating func release(_ charge: Charge) {
        reserved.tokens = max(0, reserved.tokens - charge.tokens)
        reserved.cost = max(0, reserved.cost - charge.cost)
    }

    mutating func begin() { running += 1 }

    /// - Parameter time: in µs since it began.
    mutating func end(after time: Int) {
        running -= 1
        meanTime = meanTime.map { $0 + (max(time, 0) - $0) / 10 } ?? max(time, 0)
    }

    mutating func enterQueue() { waiting += 1 }
    mutating func leaveQueue() { waiting -= 1 }
}

extension LimitCounter {
    var needsLoading: Bool { !isLoaded && limits.hasQuota }

    /// The totals that its quotas are compared with.
    var quotaKeys: [QuotaKey] { [day, month].map { QuotaKey(scope: scope, period: $0.period) } }

    /// The totals in the file, and what this process has counted and not written. Stays as it is where a period has
    /// begun since they were read.
    mutating func load(_ written: [QuotaKey: QuotaTotal], unwritten: (QuotaKey) -> QuotaTotal) {
        let keys = quotaKeys
        guard let dayTotal = written[keys[0]], let monthTotal = written[keys[1]] else { return }
        day.begin(written: dayTotal, unwritten: unwritten(keys[0]))
        month.begin(written: monthTotal, unwritten: unwritten(keys[1]))
        isLoaded = true
    }

    mutating func wrote(_ change: QuotaChange, _ period: UsagePeriod) {
        guard isLoaded else { return }
        day.wrote(change, period)
        month.wrote(change, period)
    }
}
