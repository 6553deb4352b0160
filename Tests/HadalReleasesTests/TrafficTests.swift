import Foundation
import TestSupport
import Testing

@testable import HadalReleases

/// Who gets which version.
@Suite struct TrafficTests {
    private func traffic(_ allocation: Allocation, salt: UInt8 = 1) -> Traffic {
        Traffic(
            revision: 1, allocation: allocation, stickiness: .user, mirror: nil,
            salt: Data(repeating: salt, count: 32))
    }

    private func shares(_ percent: Int) -> [Int: TrafficShare] {
        let share = TrafficShare(unchecked: percent * 100)
        return [1: share.rest, 2: share].filter { $0.value > .none }
    }

    private let subjects = (0..<20_000).map { "user:\($0)" }

    @Test func whoIsWithTheCandidateStaysWhenItsShareGrows() throws {
        var allocation = Allocation.all(1)
        var before: Set<String> = []
        for percent in [5, 25, 50, 100] {
            allocation = try #require(allocation.adjusted(to: shares(percent)))
            #expect(allocation.shares[2]?.percent == Double(percent))
            let now = traffic(allocation)
            let candidate = Set(subjects.filter { now.version(for: $0) == 2 })
            #expect(candidate.isSuperset(of: before))
            // Three standard deviations of a binomial count.
            let expected = Double(percent) / 100
            let spread = 3 * (expected * (1 - expected) * Double(subjects.count)).squareRoot()
            #expect(abs(Double(candidate.count) - expected * Double(subjects.count)) <= spread)
            before = candidate
        }
    }

    @Test func whoIsWithTheCandidateIsNotTheSameInAnotherRollout() throws {
        let allocation = try #require(Allocation.all(1).adjusted(to: shares(50)))
        let (first, second) = (traffic(allocation), traffic(allocation, salt: 2))
        let both = subjects.count { first.version(for: $0) == 2 && second.version(for: $0) == 2 }
        #expect(abs(Double(both) - 5000) < 3 * (0.25 * 0.75 * 20_000).squareRoot())
        #expect(subjects.allSatisfy { first.version(for: $0) == first.version(for: $0) })
    }

    @Test func placesChangeHandsOnlyAsFarAsTheyMust() throws {
        var random = SplitMix(state: 3)
        var allocation = Allocation.all(1)
        for _ in 0..<50 {
            let cuts = [Int.random(in: 0...10_000, using: &random), Int.random(in: 0...10_000, using: &random)].sorted()
            let wanted = [1: cuts[0], 2: cuts[1] - cuts[0], 3: 10_000 - cuts[1]].filter { $0.value > 0 }
                .mapValues { TrafficShare(unchecked: $0) }
            let next = try #require(allocation.adjusted(to: wanted))
            #expect(next.shares == wanted)
            let moved = (0..<10_000).count { allocation.version(at: $0) != next.version(at: $0) }
            let must = allocation.shares.reduce(0) {
                $0 + max(0, $1.value.basisPoints - (wanted[$1.key]?.basisPoints ?? 0))
            }
            #expect(moved == must)
            allocation = next
        }
    }

    @Test func sharesThatDoNotAddUpAreRefused() {
        #expect(Allocation.all(1).adjusted(to: [1: .half]) == nil)
        #expect(Allocation.none.adjusted(to: [4: .all]) == .all(4))
        #expect(Traffic.none.version(for: "user:1") == nil)
        #expect(TrafficShare(basisPoints: 10_001) == nil && TrafficShare(percent: .nan) == nil)
        #expect(TrafficShare(percent: 12.5)?.basisPoints == 1250)
    }

    @Test func aDamagedAllocationIsRefused() {
        let texts = [
            #"{"ranges":[{"from":0,"to":9000,"version":1}]}"#,
            #"{"ranges":[{"from":0,"to":20000,"version":1}]}"#,
            #"{"ranges":[{"from":5,"to":10000,"version":1}]}"#,
            #"{"ranges":[{"from":0,"to":0,"version":1},{"from":0,"to":10000,"version":2}]}"#,
        ]
        for text in texts {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Allocation.self, from: Data(text.utf8))
            }
        }
    }

    @Test func aMirrorTakesItsShareOfTheRequests() {
        var traffic = traffic(.all(1))
        #expect(!subjects.contains { traffic.isMirrored($0) })
        traffic.mirror = Traffic.Mirror(version: 2, share: TrafficShare(unchecked: 1000))
        let mirrored = subjects.count { traffic.isMirrored($0) }
        #expect(abs(Double(mirrored) - 2000) < 3 * (0.09 * 20_000).squareRoot())
    }
}
