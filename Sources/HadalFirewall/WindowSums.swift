/// What rules add in each window: of each family its heaviest rule counts, so that three ways to say the same are not
/// three attacks.
struct WindowSums {
    /// By window.
    private(set) var weights: [Double]
    /// By window: of each family the heaviest hit.
    private var hits: [[AttackFamily: RuleMatcher.Hit]]

    /// A hit counts in the windows that hold its end. Takes time linear in the windows and hits.
    init(_ windows: [Range<Int>], _ found: [RuleMatcher.Hit], _ rules: [Rule]) {
        weights = Array(repeating: 0, count: windows.count)
        hits = Array(repeating: [:], count: windows.count)
        var first = 0
        for hit in found {
            let end = hit.range.upperBound - 1
            while first < windows.count, windows[first].upperBound <= end { first += 1 }
            var window = first
            while window < windows.count, windows[window].lowerBound <= end {
                add(hit, to: window, rules)
                window += 1
            }
        }
    }

    private mutating func add(_ hit: RuleMatcher.Hit, to window: Int, _ rules: [Rule]) {
        let rule = rules[hit.rule]
        if let before = hits[window][rule.family] {
            guard rules[before.rule].weight < rule.weight else { return }
            weights[window] -= rules[before.rule].weight
        }
        hits[window][rule.family] = hit
        weights[window] += rule.weight
    }

    /// In the order of the text.
    func heaviest(in window: Int) -> [RuleMatcher.Hit] {
        hits[window].values.sorted { ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule) }
    }
}
