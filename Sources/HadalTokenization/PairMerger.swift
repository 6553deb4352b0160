/// Byte-pair merging of one word: the pair of lowest rank, leftmost first, becomes one symbol until no pair has a rule.
///
/// Short words rescan an array, which is fastest for the handful of symbols a word has. Long ones keep a heap of pairs
/// and a linked list of symbols, O(n log n) whatever the text, so that a megabyte of one letter harms nobody.
/// The buffers are kept from word to word; an instance serves one call of `encode`.
struct PairMerger {
    /// The word: filled by the caller, merged in place by `merge`.
    var symbols: [Int32] = []

    private static let shortCount = 40
    private var rules: [MergeTable.Rule] = []
    private var previous: [Int32] = []
    private var next: [Int32] = []
    /// Rank and position of pairs, lowest first; entries whose pair is gone are skipped when they come up.
    private var heap: [UInt64] = []

    mutating func merge(with merges: MergeTable) {
        if symbols.count < 2 { return }
        if symbols.count <= PairMerger.shortCount { mergeShort(merges) } else { mergeLong(merges) }
    }

    private mutating func mergeShort(_ merges: MergeTable) {
        var count = symbols.count
        rules.removeAll(keepingCapacity: true)
        for index in 0..<count - 1 { rules.append(merges.rule(symbols[index], symbols[index + 1])) }
        while count > 1 {
            var best = MergeTable.none
            var place = 0
            // Equal ranks are the same rule or splits of equal worth: the leftmost goes first, hence the strict comparison.
            for index in 0..<count - 1 where rules[index] >> 32 < best >> 32 {
                best = rules[index]
                place = index
            }
            if best == MergeTable.none { break }
            symbols[place] = MergeTable.merged(best)
            count -= 1
            for index in place + 1..<count { symbols[index] = symbols[index + 1] }
            for index in place..<count - 1 { rules[index] = rules[index + 1] }
            if place > 0 { rules[place - 1] = merges.rule(symbols[place - 1], symbols[place]) }
            if place < count - 1 { rules[place] = merges.rule(symbols[place], symbols[place + 1]) }
        }
        symbols.removeSubrange(count...)
    }

    private mutating func mergeLong(_ merges: MergeTable) {
        let count = symbols.count
        precondition(count < Int32.max, "a word of 2 GiB")
        rules.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
        next.removeAll(keepingCapacity: true)
        heap.removeAll(keepingCapacity: true)
        for index in 0..<count {
            previous.append(Int32(index) - 1)
            next.append(index + 1 < count ? Int32(index) + 1 : -1)
            let rule = index + 1 < count ? merges.rule(symbols[index], symbols[index + 1]) : MergeTable.none
            rules.append(rule)
            if rule != MergeTable.none { heap.append(rule & ~0xFFFF_FFFF | UInt64(index)) }
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }

        while let top = heap.first {
            let last = heap.removeLast()
            if !heap.isEmpty {
                heap[0] = last
                sink(0)
            }
            let place = Int(top & 0xFFFF_FFFF)
            let rule = rules[place]
            guard rule != MergeTable.none, rule >> 32 == top >> 32 else { continue }
            let right = Int(next[place])
            let after = next[right]
            symbols[place] = MergeTable.merged(rule)
            rules[right] = MergeTable.none
            symbols[right] = -1
            next[place] = after
            if after >= 0 { previous[Int(after)] = Int32(place) }
            renew(place, merges)
            if previous[place] >= 0 { renew(Int(previous[place]), merges) }
        }

        var kept = 0
        var index: Int32 = 0
        while index >= 0 {
            symbols[kept] = symbols[Int(index)]
            kept += 1
            index = next[Int(index)]
        }
        symbols.removeSubrange(kept...)
    }

    /// Looks up the pair that now begins at `place`.
    private mutating func renew(_ place: Int, _ merges: MergeTable) {
        let right = next[place]
        let rule = right >= 0 ? merges.rule(symbols[place], symbols[Int(right)]) : MergeTable.none
        rules[place] = rule
        guard rule != MergeTable.none else { return }
        var index = heap.count
        let entry = rule & ~0xFFFF_FFFF | UInt64(place)
        heap.append(entry)
        while index > 0 {
            let parent = (index - 1) / 2
            if heap[parent] <= entry { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    private mutating func sink(_ start: Int) {
        let entry = heap[start]
        var index = start
        while true {
            var child = 2 * index + 1
            if child >= heap.count { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if heap[child] >= entry { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = entry
    }
}
