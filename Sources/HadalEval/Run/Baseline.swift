import Foundation

/// A run beside an earlier one, item by item.
public struct Baseline: Sendable, Hashable {
    /// Items that passed only before, and only now.
    public var worse: [String] = []
    public var better: [String] = []
    /// Items that both runs have.
    public var compared = 0

    /// Of items that both have: those with the same place in a scenario of the same name.
    public init(_ before: EvalResult, _ now: EvalResult) {
        let earlier = Dictionary(before.scenarios.map { ($0.name, $0) }) { first, _ in first }
        for scenario in now.scenarios {
            for (index, (one, other)) in zip(earlier[scenario.name]?.items ?? [], scenario.items).enumerated() {
                compared += 1
                let name = "\(scenario.name)[\(index)]"
                if one.hasPassed, !other.hasPassed { worse.append(name) }
                if !one.hasPassed, other.hasPassed { better.append(name) }
            }
        }
    }

    /// How likely it is that as many differ one way by chance: McNemar's exact test (1947), two-sided.
    public var pValue: Double {
        let (few, all) = (min(worse.count, better.count), worse.count + better.count)
        guard all > 0 else { return 1 }
        func logChoose(_ k: Int) -> Double {
            lgamma(Double(all) + 1) - lgamma(Double(k) + 1) - lgamma(Double(all - k) + 1)
        }
        let tail = (0...few).reduce(0.0) { sum, k in sum + exp(logChoose(k) - Double(all) * log(2)) }
        return min(1, 2 * tail)
    }

    /// Whether it is worse, and not by chance.
    public var isRegression: Bool { worse.count > better.count && pValue < 0.05 }
}
