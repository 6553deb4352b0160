/// The words of a text that say something about what stands beside them, in their order.
struct Contexts {
    struct Hit {
        let start: Int
        let end: Int
        let kind: ContextKind
    }

    private(set) var hits: [Hit] = []

    /// Reads the text once.
    init(of bytes: UnsafeBufferPointer<UInt8>, words: WordTrie) {
        var place = 0
        while place < bytes.count {
            guard Self.mayStart(bytes, place),
                let word = words.longest(in: bytes, at: place, isEnd: { Self.mayEnd(bytes, $0) })
            else {
                place += 1
                continue
            }
            hits.append(Hit(start: place, end: word.end, kind: word.kind))
            place = word.end
        }
    }

    /// A word of letters starts after something else, or with a capital after a small letter (`apiKey`).
    private static func mayStart(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        let first = bytes[place]
        guard first < 0x80 else { return first >= 0xC0 }
        guard first.isLetter else { return false }
        guard place > 0 else { return true }
        let before = bytes[place - 1]
        return !before.isWord || (before.isLower && first.isUpper)
    }

    private static func mayEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        guard place < bytes.count, bytes[place - 1] < 0x80 else { return true }
        let after = bytes[place]
        if after | 0x20 == UInt8(ascii: "s") { return place + 1 == bytes.count || !bytes[place + 1].isLetter }
        return !after.isLetter || (after.isUpper && bytes[place - 1].isLower)
    }

    /// The last word of `kind` that ends at most `distance` bytes before `offset`.
    func before(_ offset: Int, _ kind: ContextKind, within distance: Int) -> Hit? {
        var index = firstIndex(endingAfter: offset)
        while index > 0, hits[index - 1].end >= offset - distance {
            index -= 1
            if !hits[index].kind.isDisjoint(with: kind) { return hits[index] }
        }
        return nil
    }

    /// The first word of `kind` that starts at most `distance` bytes after `offset`.
    func after(_ offset: Int, _ kind: ContextKind, within distance: Int) -> Hit? {
        var index = firstIndex(endingAfter: offset)
        while index < hits.count, hits[index].start <= offset + distance {
            if hits[index].start >= offset, !hits[index].kind.isDisjoint(with: kind) { return hits[index] }
            index += 1
        }
        return nil
    }

    /// Whether a word of `kind` stands shortly before `range` or directly behind it.
    func isBeside(_ range: Range<Int>, _ kind: ContextKind) -> Bool {
        before(range.lowerBound, kind, within: 40) != nil || after(range.upperBound, kind, within: 4) != nil
    }

    private func firstIndex(endingAfter offset: Int) -> Int {
        var low = 0
        var high = hits.count
        while low < high {
            let middle = (low + high) / 2
            if hits[middle].end <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
