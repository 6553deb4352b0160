import Foundation

/// How many of how many.
public struct Rate: Sendable, Hashable, Codable {
    public var hits: Int
    public var count: Int

    public init(hits: Int, count: Int) {
        self.hits = hits
        self.count = count
    }

    /// 0 where nothing was counted.
    public var value: Double { count == 0 ? 0 : Double(hits) / Double(count) }

    /// The probability of so many hits or more where the true rate is `limit`: the exact binomial test.
    public func probability(ofLimit limit: Double) -> Double {
        Distributions.binomialTail(atLeast: hits, of: count, probability: limit)
    }
}

/// Whether two rates differ.
public struct TwoProportionTest: Sendable, Hashable {
    /// Second less first.
    public var difference: Double
    /// The confidence interval of the difference.
    public var low: Double
    public var high: Double
    public var z: Double
    /// Two-sided.
    public var p: Double

    /// The two-proportion z-test with pooled variance, and Newcombe's interval from Wilson's scores (R. G. Newcombe,
    /// Interval estimation for the difference between independent proportions, Statistics in Medicine 17, 1998, method
    /// 10), which holds for small samples and rates near 0 too.
    /// - Returns: nil where a sample is empty.
    public init?(_ first: Rate, _ second: Rate, significance: Double = 0.05) {
        guard first.count > 0, second.count > 0 else { return nil }
        difference = second.value - first.value
        let (n, m) = (Double(first.count), Double(second.count))
        let pooled = Double(first.hits + second.hits) / (n + m)
        let error = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
        z = error == 0 ? 0 : difference / error
        p = min(1, 2 * Distributions.normalTail(abs(z)))
        let (a, b) = (first.wilson(significance), second.wilson(significance))
        func root(_ x: Double, _ y: Double) -> Double { (x * x + y * y).squareRoot() }
        low = difference - root(second.value - b.low, a.high - first.value)
        high = difference + root(b.high - second.value, first.value - a.low)
    }

    /// The probability that chance alone makes the second rate so much higher: one-sided, by the z-test, or where fewer
    /// than five are expected anywhere, by Fisher's exact test.
    public static func probabilityHigher(_ second: Rate, than first: Rate) -> Double {
        guard first.count > 0, second.count > 0 else { return 1 }
        let total = first.count + second.count
        let hits = first.hits + second.hits
        let smaller = Double(min(first.count, second.count)) * Double(min(hits, total - hits)) / Double(total)
        if smaller < 5 {
            return Distributions.hypergeometricTail(
                atLeast: second.hits, draws: second.count, marked: hits, total: total)
        }
        return TwoProportionTest(first, second).map { Distributions.normalTail($0.z) } ?? 1
    }
}

extension Rate {
    /// Wilson's score interval (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
    func wilson(_ significance: Double) -> (low: Double, high: Double) {
        guard count > 0 else { return (0, 1) }
        let (z, n) = (Distributions.normalQuantile(tail: significance / 2), Double(count))
        let centre = (value + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return (max(0, centre - half), min(1, centre + half))
    }
}
