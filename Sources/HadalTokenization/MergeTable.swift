/// Which neighbouring pieces become one, and in which order: (left, right) → (rank, merged piece).
///
/// Open addressing with key and value side by side, at most half full: one cache line a look-up.
struct MergeTable: Sendable {
    private struct Slot {
        var pair: UInt64
        var rule: UInt64
    }

    /// Rank in the upper half, merged id in the lower: rules compare by rank. `none` is larger than any.
    typealias Rule = UInt64
    static let none = Rule.max
    private static let empty = UInt64.max

    private var slots: [Slot]
    private let shift: UInt64
    private(set) var count = 0

    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < capacity * 2 { bits += 1 }
        slots = Array(repeating: Slot(pair: MergeTable.empty, rule: MergeTable.none), count: 1 << Int(bits))
        shift = 64 - bits
    }

    /// Adds a rule; the first of two for one pair holds.
    mutating func add(_ left: Int32, _ right: Int32, rank: Int, merged: Int32) {
        precondition(count * 2 < slots.count, "more merges than announced")
        let pair = MergeTable.pair(left, right)
        var slot = self.slot(of: pair)
        while slots[slot].pair != MergeTable.empty {
            if slots[slot].pair == pair { return }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Slot(pair: pair, rule: UInt64(rank) << 32 | UInt64(UInt32(merged)))
        count += 1
    }

    @inline(__always)
    func rule(_ left: Int32, _ right: Int32) -> Rule {
        let pair = MergeTable.pair(left, right)
        var slot = self.slot(of: pair)
        while true {
            let found = slots[slot]
            if found.pair == pair { return found.rule }
            if found.pair == MergeTable.empty { return MergeTable.none }
            slot = (slot + 1) & (slots.count - 1)
        }
    }

    @inline(__always)
    static func merged(_ rule: Rule) -> Int32 { Int32(truncatingIfNeeded: rule & 0xFFFF_FFFF) }

    @inline(__always)
    private static func pair(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(of pair: UInt64) -> Int { Int((pair &* 0x9E37_79B9_7F4A_7C15) >> shift) }
}
