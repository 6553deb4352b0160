import TestSupport
import Testing

@testable import HadalRouting

@Suite struct CircuitBreakerTests {
    private func time(_ seconds: Double) -> ContinuousClock.Instant { RoutingFixtures.time(seconds) }

    private func breaker(_ change: (inout CircuitBreakerSettings) -> Void = { _ in }) -> CircuitBreaker {
        var settings = CircuitBreakerSettings()
        settings.consecutiveFailures = 3
        settings.openTime = .seconds(10)
        settings.maximumOpenTime = .seconds(35)
        change(&settings)
        return CircuitBreaker(settings: settings)
    }

    private func admit(_ breaker: inout CircuitBreaker, _ seconds: Double) throws -> CircuitBreaker.Permit {
        let permit = breaker.admit(at: time(seconds))
        return try #require(permit)
    }

    private func call(_ breaker: inout CircuitBreaker, _ isSuccess: Bool, _ seconds: Double) throws {
        let permit = try admit(&breaker, seconds)
        breaker.record(permit, isSuccess: isSuccess, at: time(seconds))
    }

    @Test func itOpensAfterFailuresInARow() throws {
        var breaker = breaker()
        for isSuccess in [false, false, true, false, false] { try call(&breaker, isSuccess, 0) }
        #expect(breaker.state(at: time(0)) == .closed)
        try call(&breaker, false, 1)
        #expect(breaker.state(at: time(1)) == .open(until: time(11)))
        let early = breaker.admit(at: time(10.9))
        #expect(early == nil)
        #expect(breaker.state(at: time(11)) == .halfOpen)
    }

    @Test func itOpensWhereTooManyFailOfTheCallsInTheWindow() throws {
        var breaker = breaker {
            $0.consecutiveFailures = 1000
            $0.minimumCalls = 10
            $0.window = .seconds(10)
        }
        // Half of them fail, but at any time fewer than ten are in the window.
        for second in 0..<40 { try call(&breaker, second % 2 == 0, Double(second) * 1.5) }
        #expect(breaker.state(at: time(60)) == .closed)
        for index in 0..<9 { try call(&breaker, index % 2 == 0, 100) }
        #expect(breaker.state(at: time(100)) == .closed)
        try call(&breaker, false, 100)
        #expect(breaker.state(at: time(100)) == .open(until: time(110)))
    }

    @Test func halfOpenALimitedNumberTriesAndAllMustSucceed() throws {
        var breaker = breaker()
        for _ in 0..<3 { try call(&breaker, false, 0) }
        let first = try admit(&breaker, 10)
        let second = try admit(&breaker, 10)
        #expect(first.isProbe && second.isProbe)
        let third = breaker.admit(at: time(10))
        #expect(third == nil)
        breaker.record(first, isSuccess: true, at: time(11))
        #expect(breaker.state(at: time(11)) == .halfOpen)
        #expect(!breaker.isAvailable(at: time(11)))
        breaker.record(second, isSuccess: true, at: time(12))
        #expect(breaker.state(at: time(12)) == .closed)
        let ordinary = try admit(&breaker, 12)
        #expect(!ordinary.isProbe)
    }

    @Test func aProbeThatSaysNothingMakesRoomForAnother() throws {
        var breaker = breaker { $0.probes = 1 }
        for _ in 0..<3 { try call(&breaker, false, 0) }
        let probe = try admit(&breaker, 10)
        #expect(!breaker.isAvailable(at: time(10)))
        breaker.cancel(probe)
        try call(&breaker, true, 10)
        #expect(breaker.state(at: time(10)) == .closed)
    }

    @Test func itIsOpenTwiceAsLongEachTimeUpToTheMaximum() throws {
        var breaker = breaker()
        for _ in 0..<3 { try call(&breaker, false, 0) }
        var now = 10.0
        for duration in [20.0, 35, 35] {
            try call(&breaker, false, now)
            #expect(breaker.state(at: time(now)) == .open(until: time(now + duration)))
            now += duration
        }
        // Closed, and soon open again: it was not well.
        for _ in 0..<2 { try call(&breaker, true, now) }
        for _ in 0..<3 { try call(&breaker, false, now + 30) }
        #expect(breaker.state(at: time(now + 30)) == .open(until: time(now + 65)))
        now += 65
        for _ in 0..<2 { try call(&breaker, true, now) }
        // A long time after, it begins anew.
        for _ in 0..<3 { try call(&breaker, false, now + 36) }
        #expect(breaker.state(at: time(now + 36)) == .open(until: time(now + 46)))
    }

    @Test func aCallFromBeforeAFailureNeitherClosesNorOpensIt() throws {
        var breaker = breaker()
        let old = try admit(&breaker, 0)
        let other = try admit(&breaker, 0)
        for _ in 0..<3 { try call(&breaker, false, 0) }
        let probe = try admit(&breaker, 10)
        breaker.record(old, isSuccess: true, at: time(10))
        breaker.record(other, isSuccess: false, at: time(10))
        breaker.cancel(old)
        #expect(breaker.state(at: time(10)) == .halfOpen)
        breaker.record(probe, isSuccess: true, at: time(10))
        #expect(breaker.state(at: time(10)) == .halfOpen)
    }

    @Test func whateverHappensProbesAreLimitedAndItRecovers() {
        var random = SplitMix(state: 3)
        var breaker = breaker()
        var permits: [CircuitBreaker.Permit] = []
        var now = 0.0
        for _ in 0..<20_000 {
            now += Double.random(in: 0..<2, using: &random)
            let isHalfOpen = breaker.state(at: time(now)) == .halfOpen
            let isAvailable = breaker.isAvailable(at: time(now))
            if Int.random(in: 0..<3, using: &random) > 0 {
                let permit = breaker.admit(at: time(now))
                #expect((permit != nil) == isAvailable)
                if let permit {
                    #expect(permit.isProbe == isHalfOpen)
                    permits.append(permit)
                }
            } else if !permits.isEmpty {
                let permit = permits.remove(at: Int.random(in: 0..<permits.count, using: &random))
                switch Int.random(in: 0..<5, using: &random) {
                case 0: breaker.cancel(permit)
                case 1...2: breaker.record(permit, isSuccess: false, at: time(now))
                default: breaker.record(permit, isSuccess: true, at: time(now))
                }
            }
        }
        for permit in permits { breaker.cancel(permit) }
        now += 100
        for _ in 0..<2 {
            if let permit = breaker.admit(at: time(now)) { breaker.record(permit, isSuccess: true, at: time(now)) }
        }
        #expect(breaker.state(at: time(now)) == .closed)
    }
}
