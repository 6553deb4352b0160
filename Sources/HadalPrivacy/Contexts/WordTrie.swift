/// Words with what they say, looked up at a place of a text.
///
/// ASCII letters are the same in both cases, and space, `_` and `-` within a word are the same.
struct WordTrie: Sendable {
    /// By byte: its column in `next`, 0 for bytes that are in no word.
    private var columns = [UInt8](repeating: 0, count: 256)
    private var width = 1
    /// By node and column: the node that follows; 0 for none. Node 0 is the root.
    private var next: [UInt16] = []
    private(set) var kinds: [ContextKind] = [[]]

    init(_ words: [(ContextKind, String)]) {
        for byte in Set(words.flatMap { $0.1.utf8.map(Self.folded) }).sorted() {
            columns[Int(byte)] = UInt8(width)
            width += 1
        }
        for byte in UInt8.min ... .max { columns[Int(byte)] = columns[Int(Self.folded(byte))] }
        next = [UInt16](repeating: 0, count: width)
        for (kind, word) in words { add(word, kind) }
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") ? UInt8(ascii: "_") : byte.lowercase
    }

    private mutating func add(_ word: String, _ kind: ContextKind) {
        var node = 0
        for byte in word.utf8 {
            let edge = node * width + Int(columns[Int(byte)])
            if next[edge] == 0 {
                next[edge] = UInt16(kinds.count)
                kinds.append([])
                next += [UInt16](repeating: 0, count: width)
            }
            node = Int(next[edge])
        }
        kinds[node].insert(kind)
    }

    /// The longest word that starts at `start` and ends where `isEnd` allows it.
    func longest(
        in bytes: UnsafeBufferPointer<UInt8>, at start: Int, isEnd: (Int) -> Bool
    ) -> (end: Int, kind: ContextKind)? {
        var found: (Int, ContextKind)?
        var node = 0
        var place = start
        while place < bytes.count {
            node = Int(next[node * width + Int(columns[Int(bytes[place])])])
            if node == 0 { break }
            place += 1
            if !kinds[node].isEmpty, isEnd(place) { found = (place, kinds[node]) }
        }
        return found
    }
}
