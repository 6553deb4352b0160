import Foundation

/// Mean and variance of numbers as they come.
public struct Moments: Sendable, Hashable, Codable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    /// The sum of squared distances from the mean.
    private var squares = 0.0

    public init() {}

    public init(_ values: some Sequence<Double>) {
        for value in values { add(value) }
    }

    /// B. P. Welford, Note on a method for calculating corrected sums of squares and products, Technometrics 4, 1962.
    public mutating func add(_ value: Double) {
        count += 1
        let distance = value - mean
        mean += distance / Double(count)
        squares += distance * (value - mean)
    }

    /// With n − 1; 0 of fewer than two.
    public var variance: Double { count < 2 ? 0 : squares / Double(count - 1) }
}

/// Whether two means differ: Welch's t-test, for variances that may differ.
public struct WelchTest: Sendable, Hashable {
    /// Second less first.
    public var difference: Double
    /// The confidence interval of the difference.
    public var low: Double
    public var high: Double
    public var t: Double
    public var degrees: Double
    /// Two-sided.
    public var p: Double

    /// B. L. Welch, The generalization of 'Student's' problem when several different population variances are involved,
    /// Biometrika 34, 1947, with Satterthwaite's degrees of freedom.
    /// - Returns: nil where a sample has fewer than two or neither varies.
    public init?(_ first: Moments, _ second: Moments, significance: Double = 0.05) {
        guard first.count > 1, second.count > 1 else { return nil }
        let (a, b) = (first.variance / Double(first.count), second.variance / Double(second.count))
        guard a + b > 0 else { return nil }
        difference = second.mean - first.mean
        t = difference / (a + b).squareRoot()
        degrees = (a + b) * (a + b) / (a * a / Double(first.count - 1) + b * b / Double(second.count - 1))
        p = min(1, 2 * Distributions.studentTail(abs(t), degrees: degrees))
        let half = Distributions.studentQuantile(tail: significance / 2, degrees: degrees) * (a + b).squareRoot()
        (low, high) = (difference - half, difference + half)
    }

    /// One-sided: the probability that chance alone makes the second mean so much lower.
    public var probabilityLower: Double { 1 - Distributions.studentTail(t, degrees: degrees) }
}
