/// Tokens that may be drawn, in an order that only the tokens decide.
package struct Candidates {
    package struct Candidate: Sendable {
        package var token: Int32
        /// Greater is better; the lower token is better among equals.
        package var key: Float
        /// Probability, but for a factor that all have in common.
        package var weight: Double

        package init(token: Int32, key: Float, weight: Double) {
            self.token = token
            self.key = key
            self.weight = weight
        }

        package func precedes(_ other: Candidate) -> Bool {
            key > other.key || (key == other.key && token < other.token)
        }
    }

    package private(set) var items: [Candidate]

    package init(_ items: [Candidate]) { self.items = items }

    package var weight: Double { items.reduce(0) { $0 + $1.weight } }

    /// Keeps the `count` best.
    package mutating func keep(largest count: Int) {
        guard count < items.count else { return }
        keepPrefix(reaching: Double(count)) { _ in 1 }
    }

    /// Keeps the fewest of the best whose weights reach `weight`; at least one.
    package mutating func keep(weight: Double) {
        keepPrefix(reaching: max(weight, .leastNormalMagnitude)) { $0.weight }
    }

    mutating func removeAll(where condition: (Candidate) -> Bool) { items.removeAll(where: condition) }

    /// Gives every candidate a new key.
    mutating func rank(by key: (Candidate) -> Float) {
        for index in items.indices { items[index].key = key(items[index]) }
    }

    /// The one at which the sum of the weights, in order, passes `fraction` of the whole.
    package func token(atFraction fraction: Double) -> Int32 {
        var rest = fraction * weight
        for candidate in items {
            rest -= candidate.weight
            if rest < 0 { return candidate.token }
        }
        return items.last { $0.weight > 0 }?.token ?? items[0].token
    }

    /// Quickselect with weights: expected linear time, nothing is sorted beyond what the cut asks for.
    private mutating func keepPrefix(reaching target: Double, _ measure: (Candidate) -> Double) {
        var range = items.startIndex..<items.endIndex
        var needed = target
        while !range.isEmpty {
            let pivot = placePivot(in: range)
            let before = items[range.lowerBound..<pivot].reduce(0) { $0 + measure($1) }
            if pivot > range.lowerBound, before >= needed {
                range = range.lowerBound..<pivot
                continue
            }
            needed -= before + measure(items[pivot])
            if needed <= 0 {
                items.removeLast(items.count - pivot - 1)
                return
            }
            range = pivot + 1..<range.upperBound
        }
    }

    /// Puts the better ones of `range` before a chosen one and the others behind it; returns its place.
    private mutating func placePivot(in range: Range<Int>) -> Int {
        let last = range.upperBound - 1
        // The median of three.
        let middle = range.lowerBound + range.count / 2
        if items[middle].precedes(items[range.lowerBound]) { items.swapAt(middle, range.lowerBound) }
        if items[last].precedes(items[range.lowerBound]) { items.swapAt(last, range.lowerBound) }
        if items[middle].precedes(items[last]) { items.swapAt(middle, last) }
        let pivot = items[last]
        var place = range.lowerBound
        for index in range.lowerBound..<last where items[index].precedes(pivot) {
            items.swapAt(index, place)
            place += 1
        }
        items.swapAt(place, last)
        return place
    }
}
