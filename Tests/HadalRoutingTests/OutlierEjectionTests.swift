import Testing

@testable import HadalRouting

@Suite struct OutlierEjectionTests {
    private func time(_ seconds: Double) -> ContinuousClock.Instant { RoutingFixtures.time(seconds) }

    private func members(_ count: Int) -> [String] { (0..<count).map { "\($0)" } }

    private func fail(_ ejection: inout OutlierEjection, _ member: String, _ seconds: Double, times: Int = 5) {
        for _ in 0..<times { ejection.record(member, isSuccess: false, at: time(seconds)) }
    }

    @Test func failuresInARowEjectAtOnceAndForATime() {
        var ejection = OutlierEjection(members(3))
        fail(&ejection, "1", 0, times: 4)
        ejection.record("1", isSuccess: true, at: time(0))
        fail(&ejection, "1", 0, times: 4)
        #expect(ejection.ejection(of: "1", at: time(0)) == nil)
        fail(&ejection, "1", 1, times: 1)
        let expected = OutlierEjection.Ejection(reason: .consecutiveFailures, until: time(31))
        #expect(ejection.ejection(of: "1", at: time(30.9)) == expected)
        #expect(ejection.ejection(of: "1", at: time(31)) == nil)
        // What was under way says nothing new, and old failures do not count when it is back.
        fail(&ejection, "1", 20)
        fail(&ejection, "1", 31, times: 4)
        #expect(ejection.ejection(of: "1", at: time(31)) == nil)
    }

    @Test func eachTimeIsLongerAndPeaceMakesItShorter() {
        var ejection = OutlierEjection(members(3))
        fail(&ejection, "1", 0)
        fail(&ejection, "1", 31)
        #expect(ejection.ejection(of: "1", at: time(31))?.until == time(91))
        fail(&ejection, "1", 92)
        #expect(ejection.ejection(of: "1", at: time(92))?.until == time(182))
        // The interval in which it came back does not count, the two after it do.
        for second in [183.0, 194, 205] { ejection.sweep(at: time(second)) }
        fail(&ejection, "1", 206)
        #expect(ejection.ejection(of: "1", at: time(206))?.until == time(266))
        for index in 0..<20 { fail(&ejection, "1", 1000 + Double(index) * 301) }
        #expect(ejection.ejection(of: "1", at: time(1000 + 19 * 301))?.until == time(1000 + 19 * 301 + 300))
    }

    @Test func whoFailsMuchMoreOftenThanTheOthersIsEjected() {
        var ejection = OutlierEjection(members(5))
        for call in 0..<100 {
            for member in members(5) {
                ejection.record(member, isSuccess: member != "3" || call % 2 == 0, at: time(1))
            }
        }
        ejection.sweep(at: time(10))
        #expect(members(5).allSatisfy { ejection.ejection(of: $0, at: time(10)) == nil })
        ejection.sweep(at: time(11))
        #expect(members(5).filter { ejection.ejection(of: $0, at: time(11)) != nil } == ["3"])
        #expect(ejection.ejection(of: "3", at: time(11))?.reason == .successRate)
    }

    @Test(arguments: 2...4) func fewMembersAreComparedWhereThatIsWanted(count: Int) {
        for (minimum, failures, isEjected) in [(2, 50, true), (2, 5, false), (5, 50, false)] {
            var ejection = OutlierEjection(members(count))
            ejection.settings.minimumMembers = minimum
            // Not in a row.
            ejection.settings.consecutiveFailures = 1000
            for call in 0..<100 {
                for member in members(count) {
                    ejection.record(member, isSuccess: member != "1" || call >= failures, at: time(1))
                }
            }
            ejection.sweep(at: time(11))
            let ejected = members(count).filter { ejection.ejection(of: $0, at: time(11))?.reason == .successRate }
            #expect(ejected == (isEjected ? ["1"] : []))
        }
    }

    @Test func aFewFailuresAmongManySuccessesAreNoReason() {
        var ejection = OutlierEjection(members(5))
        for call in 0..<100 {
            for member in members(5) {
                ejection.record(member, isSuccess: member != "3" || call % 25 > 0, at: time(1))
            }
        }
        ejection.sweep(at: time(11))
        #expect(members(5).allSatisfy { ejection.ejection(of: $0, at: time(11)) == nil })
    }

    @Test func whoIsMuchSlowerThanTheMedianIsEjected() {
        for (slow, isEjected) in [(1000, true), (250, false)] {
            var ejection = OutlierEjection(members(3))
            for _ in 0..<20 {
                for member in members(3) {
                    let latency = Duration.milliseconds(member == "0" ? slow : 100)
                    ejection.record(member, isSuccess: true, latency: latency, at: time(1))
                }
            }
            ejection.sweep(at: time(11))
            let ejected = members(3).filter { ejection.ejection(of: $0, at: time(11))?.reason == .latency }
            #expect(ejected == (isEjected ? ["0"] : []))
        }
    }

    @Test func fewCallsAreNotCompared() {
        var ejection = OutlierEjection(members(5))
        for call in 0..<19 {
            for member in members(5) { ejection.record(member, isSuccess: member != "3" || call % 2 == 0, at: time(1)) }
        }
        ejection.sweep(at: time(11))
        #expect(members(5).allSatisfy { ejection.ejection(of: $0, at: time(11)) == nil })
    }

    @Test func atMostAShareIsEjectedAndNeverTheLast() {
        for (count, share, expected) in [
            (1, 1.0, 0), (2, 0, 0), (2, 1.0, 1), (2, 0.1, 1), (10, 0.5, 5), (10, 0.1, 1), (4, 1.0, 3),
        ] {
            var ejection = OutlierEjection(members(count))
            ejection.settings.maximumShare = share
            for member in members(count) { fail(&ejection, member, 0) }
            #expect(members(count).count { ejection.ejection(of: $0, at: time(0)) != nil } == expected)
        }
    }

    @Test func whoLeavesIsForgotten() {
        var ejection = OutlierEjection(members(3))
        fail(&ejection, "1", 0)
        ejection.update(["0", "2"])
        ejection.update(members(3))
        #expect(ejection.ejection(of: "1", at: time(0)) == nil)
        ejection.record("stranger", isSuccess: false, at: time(0))
        #expect(ejection.records.count == 3)
    }
}
