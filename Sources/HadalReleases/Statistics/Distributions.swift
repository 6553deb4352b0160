import Foundation

/// Tail probabilities of the distributions that the tests need.
enum Distributions {
    /// P(Z > z) of the standard normal distribution.
    static func normalTail(_ z: Double) -> Double { erfc(z / 2.0.squareRoot()) / 2 }

    /// The z with P(Z > z) = `tail`, by bisection. `tail` is more than 0 and less than 1.
    static func normalQuantile(tail: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if normalTail(middle) > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// P(T > t) of Student's t distribution: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1 and
    /// 26.5.27.
    static func studentTail(_ t: Double, degrees: Double) -> Double {
        let half = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
        return t >= 0 ? half : 1 - half
    }

    /// The t with P(T > t) = `tail`, by bisection.
    static func studentQuantile(tail: Double, degrees: Double) -> Double {
        var (low, high) = (-1e6, 1e6)
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if studentTail(middle, degrees: degrees) > tail { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// P(X ≥ count) of a binomial distribution: Abramowitz and Stegun 26.5.24.
    static func binomialTail(atLeast count: Int, of trials: Int, probability: Double) -> Double {
        if count <= 0 { return 1 }
        if count > trials || probability <= 0 { return 0 }
        if probability >= 1 { return 1 }
        return incompleteBeta(probability, Double(count), Double(trials - count + 1))
    }

    /// P(X ≥ count) of a hypergeometric distribution: `draws` out of `total`, of which `marked` count.
    static func hypergeometricTail(atLeast count: Int, draws: Int, marked: Int, total: Int) -> Double {
        let (first, last) = (max(0, draws + marked - total), min(draws, marked))
        if count <= first { return 1 }
        if count > last { return 0 }
        func logChoose(_ n: Int, _ k: Int) -> Double {
            lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
        }
        let all = logChoose(total, draws)
        let sum = (count...last).reduce(0.0) { sum, k in
            sum + exp(logChoose(marked, k) + logChoose(total - marked, draws - k) - all)
        }
        return min(1, sum)
    }

    /// Iₓ(a, b), by its continued fraction: Press et al., Numerical Recipes, 3rd edition, section 6.4.
    static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
        // The fraction converges fast only on this side; Iₓ(a, b) = 1 − I₁₋ₓ(b, a).
        if x < (a + 1) / (a + b + 2) { return front * fraction(x, a, b) / a }
        return 1 - front * fraction(1 - x, b, a) / b
    }

    /// Lentz's method. It needs about √max(a, b) rounds.
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        let tiny = 1e-300
        func held(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / held(1 - (a + b) * x / (a + 1))
        var result = d
        for m in 1...(200 + Int(10 * max(a, b).squareRoot())) {
            let m = Double(m)
            for step in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / held(1 + step * d)
                c = held(1 + step / c)
                result *= d * c
            }
            if abs(d * c - 1) < 1e-15 { break }
        }
        return result
    }
}
