/// What was taken of an amount per minute: a bucket that holds `limit`, empty of debt at first, and is filled at
/// `limit` a minute (a leaky bucket as a meter, ITU-T I.371's generic cell rate algorithm).
///
/// Exact: whole numbers only, in which a µs is the smallest time. The limit is no part of it and may change at any
/// time; what was taken stays taken.
struct MinuteBucket: Sendable, Hashable {
    static let minute = 60_000_000
    /// More is not remembered: after so many minutes' worth, what is taken beyond is free.
    static let minutesOfDebtMax = 60

    /// What is missing from a full bucket, in `1 / minute` of a thing, so that `limit` of these flow in each µs.
    private var missing = 0
    /// Until when it was filled, in µs since 1970.
    private var time = 0

    var isFull: Bool { missing == 0 }

    /// - Parameter limit: at most `LimitKind.maximum`.
    mutating func fill(_ limit: Int, now: Int) {
        let passed = now - time
        guard passed > 0 else {
            // Threads read the clock before they take the lock, so that a few µs backwards are usual. More is a clock
            // that was set, and must not stop the bucket for as long.
            if passed < -1_000_000 { time = now }
            return
        }
        time = now
        guard limit > 0, missing > 0 else { return }
        missing -= min(missing, min(passed, missing / limit + 1) * limit)
    }

    /// - Returns: in µs; 0: it fits now. nil: it never will.
    func wait(for amount: Int, _ limit: Int) -> Int? {
        guard amount <= limit else { return amount == 0 ? 0 : nil }
        let excess = missing + (amount - limit) * MinuteBucket.minute
        return excess <= 0 ? 0 : (excess + limit - 1) / limit
    }

    /// Whether it fits or not: what was really used may lead into debt.
    mutating func take(_ amount: Int, _ limit: Int) {
        missing = min(
            missing + amount * MinuteBucket.minute, max(limit, 1) * MinuteBucket.minute * MinuteBucket.minutesOfDebtMax)
    }

    /// Gives back what was taken `elapsed` µs ago and not used, but not what has flowed in since: that would be given
    /// twice, and requests left open would save up credit.
    mutating func giveBack(_ amount: Int, after elapsed: Int, _ limit: Int) {
        let (flowed, isTooMuch) = max(elapsed, 0).multipliedReportingOverflow(by: limit)
        guard !isTooMuch else { return }
        missing -= min(missing, max(0, amount * MinuteBucket.minute - flowed))
    }

    func window(_ limit: Int) -> RateLimitStatus.Window {
        RateLimitStatus.Window(
            limit: limit, remaining: max(0, limit - (missing + MinuteBucket.minute - 1) / MinuteBucket.minute),
            reset: .microseconds(limit == 0 ? 0 : (missing + limit - 1) / limit))
    }
}
