/// The counters of a request's scopes by their places in a `CounterTable`: at most six.
struct CounterSlots: Sendable, Hashable, RandomAccessCollection {
    private var places = SIMD8<Int32>()
    private(set) var endIndex = 0

    var startIndex: Int { 0 }

    subscript(index: Int) -> Int { Int(places[index]) }

    mutating func append(_ slot: Int) {
        places[endIndex] = Int32(slot)
        endIndex += 1
    }
}

/// The counters of all scopes that have limits and were seen lately: at most `limit`, however many there are.
struct CounterTable: Sendable {
    /// A counter that is not used for so long goes away once its buckets are full.
    static let idleTimeMax = 600_000_000
    /// Counters looked at in one `sweep`.
    static let sweepLength = 4096

    var limit: Int
    private var counters: [LimitCounter] = []
    private var slots: [LimitScope: Int] = [:]
    private var free: [Int] = []
    /// Where the next sweep begins.
    private var hand = 0

    init(limit: Int) { self.limit = limit }

    var count: Int { slots.count }

    subscript(slot: Int) -> LimitCounter {
        _read { yield counters[slot] }
        _modify { yield &counters[slot] }
    }

    func slot(of scope: LimitScope) -> Int? { slots[scope] }

    /// - Returns: nil where the scope has no limits.
    /// - Throws: `CrowdedError` where all counters are of requests that run or wait.
    mutating func slot(
        for scope: LimitScope, _ settings: LimitSettings, _ moment: Moment
    ) throws(CrowdedError) -> Int? {
        if let slot = slots[scope] { return slot }
        let limits = settings.limits(of: scope)
        if limits.isEmpty { return nil }
        if slots.count >= limit { try forgetOldest() }
        let counter = LimitCounter(scope, limits, moment)
        let slot: Int
        if let unused = free.popLast() {
            slot = unused
            counters[slot] = counter
        } else {
            slot = counters.count
            counters.append(counter)
        }
        slots[scope] = slot
        return slot
    }

    struct CrowdedError: Error {}

    /// Makes room for one more: of the next counters that nobody holds, the one that was used longest ago.
    private mutating func forgetOldest() throws(CrowdedError) {
        var oldest: Int?
        var candidates = 0
        for _ in counters.indices where candidates < 64 {
            hand = (hand + 1) % counters.count
            guard !counters[hand].isHeld, slots[counters[hand].scope] == hand else { continue }
            candidates += 1
            if oldest.map({ counters[hand].lastUsed < counters[$0].lastUsed }) ?? true { oldest = hand }
        }
        guard let oldest else { throw CrowdedError() }
        forget(oldest)
    }

    private mutating func forget(_ slot: Int) {
        slots[counters[slot].scope] = nil
        free.append(slot)
    }

    /// Forgets counters that were not used for long, a part of the table at a time.
    mutating func sweep(_ moment: Moment) {
        for _ in 0..<Swift.min(counters.count, CounterTable.sweepLength) {
            hand = (hand + 1) % counters.count
            guard moment.now - counters[hand].lastUsed > CounterTable.idleTimeMax,
                slots[counters[hand].scope] == hand
            else { continue }
            counters[hand].fill(moment)
            if counters[hand].isIdle { forget(hand) }
        }
    }

    /// The limits have changed; what was counted stays.
    mutating func use(_ settings: LimitSettings) {
        for slot in slots.values { counters[slot].limits = settings.limits(of: counters[slot].scope) }
    }

    /// Of all that are compared with quotas.
    var quotaKeys: [QuotaKey] {
        slots.values.flatMap { slot in
            let counter = counters[slot]
            return counter.limits.hasQuota && !counter.needsLoading ? counter.quotaKeys : []
        }
    }

    mutating func wrote(_ changes: [QuotaKey: QuotaChange]) {
        for (key, change) in changes {
            if let slot = slots[key.scope] { counters[slot].wrote(change, key.period) }
        }
    }
}
