/// A vocabulary: the bytes of each id, and the id of given bytes.
///
/// All bytes lie in one array; the index from bytes to id is open addressing over 32-bit slots. A dictionary of
/// arrays would cost an allocation and two cache misses a piece.
struct PieceTable: Sendable {
    private var bytes: [UInt8] = []
    /// Piece `id` is `bytes[starts[id]..<starts[id + 1]]`.
    private var starts: [UInt32] = [0]
    private var slots: [Int32]
    private let mask: Int

    /// - Parameter capacity: how many pieces will be added.
    init(capacity: Int, byteCapacity: Int = 0) {
        var size = 16
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        mask = size - 1
        starts.reserveCapacity(capacity + 1)
        bytes.reserveCapacity(byteCapacity)
    }

    var count: Int { starts.count - 1 }

    /// Adds the piece with the next id. The first of equal pieces is the one found; empty ones fill holes and are never
    /// found.
    mutating func append(_ piece: Span<UInt8>, isFindable: Bool = true) {
        let id = Int32(count)
        precondition(count * 2 < slots.count, "more pieces than announced")
        for index in piece.indices { bytes.append(piece[index]) }
        starts.append(UInt32(bytes.count))
        guard isFindable, piece.count > 0 else { return }
        var slot = PieceTable.hash(piece) & mask
        while slots[slot] >= 0 {
            if self.is(slots[slot], piece) { return }
            slot = (slot + 1) & mask
        }
        slots[slot] = id
    }

    func id(of piece: Span<UInt8>) -> Int32? {
        guard piece.count > 0 else { return nil }
        var slot = PieceTable.hash(piece) & mask
        while slots[slot] >= 0 {
            if self.is(slots[slot], piece) { return slots[slot] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    func id(of piece: some Collection<UInt8>) -> Int32? {
        let bytes = Array(piece)
        return id(of: bytes.span)
    }

    /// The bytes of a piece; empty for a hole and for ids outside the vocabulary.
    subscript(id: Int32) -> ArraySlice<UInt8> {
        guard id >= 0, Int(id) < count else { return [] }
        return bytes[Int(starts[Int(id)])..<Int(starts[Int(id) + 1])]
    }

    /// The id of two pieces put together.
    func id(joining left: Int32, _ right: Int32) -> Int32? {
        var joined = Array(self[left])
        joined += self[right]
        return id(of: joined.span)
    }

    @inline(__always)
    private func `is`(_ id: Int32, _ piece: Span<UInt8>) -> Bool {
        let start = Int(starts[Int(id)])
        guard Int(starts[Int(id) + 1]) - start == piece.count else { return false }
        for index in piece.indices where bytes[start + index] != piece[index] { return false }
        return true
    }

    /// FNV-1a with a final mix, since the low bits choose the slot.
    @inline(__always)
    private static func hash(_ piece: Span<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in piece.indices { hash = (hash ^ UInt64(piece[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ (hash >> 32)) & 0x7FFF_FFFF)
    }
}
