import Foundation
import TestSupport
import Testing

@testable import HadalRouting

@Suite struct BudgetTests {
    private func time(_ seconds: Double) -> ContinuousClock.Instant { RoutingFixtures.time(seconds) }

    @Test func extraCallsAreAShareOfRequests() {
        var budget = RetryBudget(settings: RetryBudgetSettings(share: 0.1, perSecond: 0, capacity: 5, initial: 0))
        for _ in 0..<9 { budget.deposit(at: time(0)) }
        let isEarlyAllowed = budget.withdraw(at: time(0))
        #expect(!isEarlyAllowed)
        budget.deposit(at: time(0))
        let isAllowed = budget.withdraw(at: time(0))
        #expect(isAllowed && budget.balance == 0)
        for _ in 0..<1000 { budget.deposit(at: time(0)) }
        #expect(budget.balance == 5)
        budget.refund()
        #expect(budget.balance == 5)
    }

    @Test func someExtraCallsComeWithTime() {
        var budget = RetryBudget(settings: RetryBudgetSettings(share: 0, perSecond: 0.5, capacity: 3, initial: 1))
        let first = budget.withdraw(at: time(0))
        let second = budget.withdraw(at: time(1.9))
        let third = budget.withdraw(at: time(2.1))
        #expect(first && !second && third)
        // A clock that was read a little earlier takes nothing away.
        let fourth = budget.withdraw(at: time(1))
        #expect(!fourth)
        budget.deposit(at: time(1000))
        #expect(budget.balance == 3)
    }

    @Test func timeInTinyPiecesIsNeitherLostNorDoubled() {
        var budget = RetryBudget(settings: RetryBudgetSettings(share: 0, perSecond: 0.5, capacity: 100, initial: 0))
        for step in 0...4_000_000 where step % 3 == 0 { budget.deposit(at: time(Double(step) / 1e6)) }
        #expect(budget.balance > 1 && budget.balance <= 2, "\(budget.balance)")
    }

    @Test func percentilesAreWithinTwoPercent() throws {
        var random = SplitMix(state: 11)
        var sketch = LatencySketch(window: .seconds(1000))
        var all: [Double] = []
        for index in 0..<5000 {
            let seconds = exp(Double.random(in: log(0.001)..<log(20), using: &random))
            all.append(seconds)
            sketch.record(.seconds(seconds), at: time(Double(index) / 10))
        }
        all.sort()
        for percent in [0.0, 1, 50, 90, 95, 99, 99.9, 100] {
            let exact = all[Int((percent / 100 * 4999).rounded(.down))]
            let percentile = sketch.percentile(percent, at: time(500))
            let value = try #require(percentile)
            #expect(abs(value.inSeconds / exact - 1) < 0.021, "p\(percent): \(value) for \(exact)")
        }
    }

    @Test func oldLatenciesAreForgotten() throws {
        var sketch = LatencySketch(window: .seconds(60))
        #expect(sketch.percentile(50, at: time(0)) == nil)
        for _ in 0..<100 { sketch.record(.seconds(10), at: time(0)) }
        for _ in 0..<10 { sketch.record(.seconds(1), at: time(61)) }
        #expect(sketch.count(at: time(100)) == 110)
        #expect(sketch.count(at: time(125)) == 10)
        let median = sketch.percentile(50, at: time(125))
        #expect(try abs(#require(median).inSeconds - 1) < 0.03)
        #expect(sketch.count(at: time(1000)) == 0)
        sketch.record(.seconds(1_000_000), at: time(1000))
        sketch.record(.seconds(-1), at: time(1000))
        #expect(sketch.count(at: time(1000)) == 2)
    }

    @Test func aPercentileCountsOnlyWhenEnoughIsKnown() throws {
        var policy = HedgePolicy()
        #expect(policy.delay(.fixed(.seconds(2)), at: time(0)) == .seconds(2))
        for index in 0..<50 {
            #expect(policy.delay(.percentile(95), at: time(0)) == nil)
            policy.record(.milliseconds(10 * (index + 1)), at: time(0))
        }
        let delay = policy.delay(.percentile(95), at: time(0))
        #expect(try abs(#require(delay).inSeconds - 0.47) < 0.012)
    }

    @Test func secondCallsNeverExceedTheirShareAtAnyTime() {
        var random = SplitMix(state: 5)
        var policy = HedgePolicy()
        var (requests, hedges) = (0, 0)
        for _ in 0..<20_000 {
            if Bool.random(using: &random) {
                policy.begin(at: time(0))
                requests += 1
            } else if policy.withdraw(at: time(0)) {
                hedges += 1
            }
            #expect(hedges * 20 <= requests)
        }
        #expect(hedges * 20 > requests - 40)
    }
}
