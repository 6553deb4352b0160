import Foundation

/// Tests on ranks: they need no assumption on how latencies are distributed.
public enum RankTest {
    /// The probability that chance alone makes the second sample so much larger: one-sided Mann-Whitney test by the
    /// normal approximation with correction for ties and continuity (M. Hollander, D. A. Wolfe, E. Chicken,
    /// Nonparametric Statistical Methods, 3rd edition, section 4.1).
    /// - Returns: 1 where a sample is empty or all values are the same.
    public static func probabilityLarger(_ second: [Double], than first: [Double]) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 1 }
        let all = (first.map { ($0, false) } + second.map { ($0, true) }).sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var ties = 0.0
        var start = 0
        while start < all.count {
            var end = start + 1
            while end < all.count, all[end].0 == all[start].0 { end += 1 }
            // Equal values share the mean of their ranks, which count from 1.
            let rank = Double(start + end + 1) / 2
            rankSum += rank * Double(all[start..<end].count { $0.1 })
            let size = Double(end - start)
            ties += size * size * size - size
            start = end
        }
        let (n, m) = (Double(first.count), Double(second.count))
        let u = rankSum - m * (m + 1) / 2
        let variance = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
        guard variance > 0 else { return 1 }
        return Distributions.normalTail((u - n * m / 2 - 0.5) / variance.squareRoot())
    }

    /// The probability that chance alone puts so many of the second sample above the common `quantile`: the median test
    /// for any quantile (A. M. Mood, Introduction to the Theory of Statistics, 1950, section 16.4), which sees a longer
    /// tail that the Mann-Whitney test does not.
    public static func probabilityLongerTail(_ second: [Double], than first: [Double], quantile: Double) -> Double {
        guard !first.isEmpty, !second.isEmpty, let limit = (first + second).quantile(quantile) else { return 1 }
        func above(_ values: [Double]) -> Rate { Rate(hits: values.count { $0 > limit }, count: values.count) }
        return TwoProportionTest.probabilityHigher(above(second), than: above(first))
    }

    /// The probability of so many values above `limit` where the true quantile lies on it: the sign test for a
    /// quantile.
    public static func probability(_ values: [Double], quantile: Double, ofLimit limit: Double) -> Double {
        Rate(hits: values.count { $0 > limit }, count: values.count).probability(ofLimit: 1 - quantile)
    }
}

extension [Double] {
    /// Interpolated between neighbours (R. J. Hyndman, Y. Fan, Sample quantiles in statistical packages, 1996,
    /// definition 7).
    /// - Parameter quantile: 0 to 1.
    /// - Returns: nil of an empty array.
    func quantile(_ quantile: Double) -> Double? {
        guard !isEmpty else { return nil }
        let values = sorted()
        let place = quantile * Double(count - 1)
        let lower = Swift.min(Swift.max(0, Int(place)), count - 1)
        let upper = Swift.min(lower + 1, count - 1)
        return values[lower] + (values[upper] - values[lower]) * (place - Double(lower))
    }
}
