/// How offsets in a normalised text lie in its original: a list of the places where the distance between the two
/// changes, which takes memory only for what was changed.
struct OffsetMap: Sendable {
    private struct Change: Sendable {
        /// The first normalised offset it holds for.
        let start: Int
        /// What to add to a normalised offset to get the original one.
        let distance: Int
    }

    private var changes: [Change] = []

    var isIdentity: Bool { changes.isEmpty }

    /// From the normalised offset `start` on, the original stands at `original` and goes on byte by byte.
    /// Calls come in order of `start`; a later one for the same `start` replaces the earlier.
    mutating func align(_ start: Int, with original: Int) {
        if changes.last?.start == start { changes.removeLast() }
        changes.append(Change(start: start, distance: original - start))
    }

    /// Takes O(log of the number of changes).
    func original(of offset: Int) -> Int {
        var low = 0
        var high = changes.count
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].start <= offset { low = middle + 1 } else { high = middle }
        }
        return offset + (low == 0 ? 0 : changes[low - 1].distance)
    }
}
