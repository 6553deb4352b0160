/// Which bytes of a file are there: ranges in order, that neither overlap nor touch.
package struct RangeSet: Sendable, Hashable {
    package private(set) var ranges: [Range<Int64>] = []

    /// nil: they are not in order, or lie outside a file of this size.
    package init?(_ ranges: [Range<Int64>], size: Int64) {
        var end: Int64 = -1
        for range in ranges {
            guard !range.isEmpty, range.lowerBound > end, range.upperBound <= size else { return nil }
            end = range.upperBound
        }
        self.ranges = ranges
    }

    package init() {}

    package var count: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

    package func contains(_ range: Range<Int64>) -> Bool {
        range.isEmpty || ranges.contains { $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound }
    }

    package mutating func insert(_ new: Range<Int64>) {
        guard !new.isEmpty else { return }
        // All that it overlaps or touches becomes one with it.
        let first = ranges.firstIndex { $0.upperBound >= new.lowerBound } ?? ranges.count
        var merged = new
        var last = first
        while last < ranges.count, ranges[last].lowerBound <= merged.upperBound {
            merged = min(merged.lowerBound, ranges[last].lowerBound)..<max(merged.upperBound, ranges[last].upperBound)
            last += 1
        }
        ranges.replaceSubrange(first..<last, with: [merged])
    }

    /// What is not there, in pieces of at most `pieceBytes`.
    package func missing(size: Int64, pieceBytes: Int64) -> [Range<Int64>] {
        var pieces: [Range<Int64>] = []
        var start: Int64 = 0
        for range in ranges + [size..<size] {
            while start < range.lowerBound {
                let end = min(range.lowerBound, start + pieceBytes)
                pieces.append(start..<end)
                start = end
            }
            start = range.upperBound
        }
        return pieces
    }
}
