import TestSupport
import Testing

@testable import HadalAccess

@Suite struct LimitBucketTests {
    /// What was taken and when, added up from the beginning each time: the level of a leaky bucket is the most that any
    /// of its arrivals, and all after it, have left.
    private struct Reference {
        let limit: Int
        var taken: [(time: Int, amount: Int)] = []

        func level(_ now: Int) -> Int {
            var level = 0
            var sum = 0
            for arrival in taken.reversed() {
                sum += arrival.amount * MinuteBucket.minute
                level = max(level, sum - limit * (now - arrival.time))
            }
            return level
        }

        func fits(_ amount: Int, _ now: Int) -> Bool {
            level(now) + amount * MinuteBucket.minute <= limit * MinuteBucket.minute
        }
    }

    @Test(arguments: 0..<40)
    func `buckets are exact over random arrivals`(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let limit = [1, 2, 7, 60, 2000, 999_983].randomElement(using: &random) ?? 1
        var reference = Reference(limit: limit)
        var bucket = MinuteBucket()
        var now = 1_700_000_000_000_000
        for _ in 0..<300 {
            now += Int.random(in: 0...(Bool.random(using: &random) ? 1000 : 90_000_000), using: &random)
            let amount = Int.random(in: 0...limit, using: &random)
            bucket.fill(limit, now: now)
            let wait = try #require(bucket.wait(for: amount, limit))
            #expect((wait == 0) == reference.fits(amount, now))
            if wait > 0 {
                #expect(reference.fits(amount, now + wait))
                #expect(!reference.fits(amount, now + wait - 1))
            } else {
                bucket.take(amount, limit)
                reference.taken.append((now, amount))
            }
            let level = reference.level(now)
            #expect(bucket.window(limit).remaining == (limit * MinuteBucket.minute - level) / MinuteBucket.minute)
            #expect(bucket.window(limit).reset == .microseconds((level + limit - 1) / limit))
        }
    }

    @Test func `a full bucket lets its limit through at once, and then one each part of a minute`() {
        var bucket = MinuteBucket()
        for _ in 0..<2000 {
            bucket.fill(2000, now: 5)
            #expect(bucket.wait(for: 1, 2000) == 0)
            bucket.take(1, 2000)
        }
        #expect(bucket.wait(for: 1, 2000) == 30_000)
        bucket.fill(2000, now: 5 + 29_999)
        #expect(bucket.wait(for: 1, 2000) == 1)
        bucket.fill(2000, now: 5 + 30_000)
        #expect(bucket.wait(for: 1, 2000) == 0)
    }

    @Test func `more than the limit never fits, and a limit of 0 lets nothing through`() {
        var bucket = MinuteBucket()
        bucket.fill(10, now: 1)
        #expect(bucket.wait(for: 11, 10) == nil)
        #expect(bucket.wait(for: 1, 0) == nil)
        #expect(bucket.wait(for: 0, 0) == 0)
        #expect(bucket.window(0).remaining == 0)
    }

    @Test func `the greatest limits and debts do not overflow`() {
        let limit = LimitKind.tokensPerMinute.maximum
        var bucket = MinuteBucket()
        bucket.fill(limit, now: 1)
        for _ in 0..<100_000 { bucket.take(2 * TokenUsage.maximum, limit) }
        #expect(bucket.window(limit).reset == .seconds(3600))
        bucket.fill(limit, now: 3_600_000_001)
        #expect(bucket.isFull)
        bucket.fill(limit, now: .max / 2)
        bucket.giveBack(TokenUsage.maximum, after: .max, limit)
        #expect(bucket.isFull)
    }

    @Test func `a clock that is set back stops a bucket for a second at most`() {
        var bucket = MinuteBucket()
        bucket.fill(60, now: 7_200_000_000)
        bucket.take(60, 60)
        bucket.fill(60, now: 7_199_999_000)
        #expect(bucket.wait(for: 1, 60) == 1_000_000)
        bucket.fill(60, now: 3_600_000_000)
        bucket.fill(60, now: 3_601_000_000)
        #expect(bucket.wait(for: 1, 60) == 0)
    }

    @Test(arguments: 0..<20)
    func `requests left open save up no credit`(_ seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let limit = 1000
        var state = LimiterState(LimitSettings(.only([.key: Limits(tokensPerMinute: limit)]), []))
        var now = 1_800_000_000_000_000
        var open: [(ticket: Ticket, used: Int)] = []
        var admitted: [(time: Int, used: Int)] = []
        for _ in 0..<600 {
            now += Int.random(in: 0...10_000_000, using: &random)
            if Bool.random(using: &random), !open.isEmpty {
                // Many at once, as somebody would who has saved them up.
                for _ in 0..<Int.random(in: 1...open.count, using: &random) {
                    let (ticket, used) = open.remove(at: Int.random(in: open.indices, using: &random))
                    _ = state.end(ticket, TokenUsage(prompt: used, answer: 0), Moment(now: now))
                }
            }
            let estimate = Int.random(in: 1...limit, using: &random)
            if let ticket = state.ticket(.of(prompt: estimate), Moment(now: now)) {
                let used = Bool.random(using: &random) ? 0 : Int.random(in: 0...estimate, using: &random)
                open.append((ticket, used))
                admitted.append((now, used))
            }
        }
        #expect(admitted.count > 50)
        // Between any two of them, no more was used than a full bucket and what flowed in.
        let isKept = admitted.indices.allSatisfy { index in
            var sum = 0
            return admitted[index...].allSatisfy { later in
                sum += later.used
                return (sum - limit) * 60_000_000 <= limit * (later.time - admitted[index].time)
            }
        }
        #expect(isKept, "seed \(seed)")
    }
}
