import Foundation
import Testing

@testable import HadalLoad

@Suite(.timeLimit(.minutes(15)))
struct ArrivalTests {
    /// Mean and coefficient of variation of the gaps are those of the gamma distribution: 1/rate and 1/√burstiness.
    @Test(arguments: [(4.0, 1.0), (4.0, 0.25), (0.5, 9.0), (100.0, 0.1)])
    func gapsAreAsTheyAreSaid(rate: Double, burstiness: Double) {
        var random = SeededGenerator(seed: 7)
        let arrival = Arrival.open(rate: rate, burstiness: burstiness)
        let gaps = (0..<200_000).map { _ in arrival.gap(&random) }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(gaps.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(abs(mean * rate - 1) < 0.03, "\(mean)")
        #expect(abs(variance.squareRoot() / mean * burstiness.squareRoot() - 1) < 0.05)
    }

    @Test func oneSeedIsOneLoad() {
        func gaps(_ seed: UInt64) -> [Double] {
            var random = SeededGenerator(seed: seed)
            return (0..<10).map { _ in Arrival.open(rate: 3, burstiness: 0.5).gap(&random) }
        }
        #expect(gaps(1) == gaps(1))
        #expect(gaps(1) != gaps(2))
    }
}
