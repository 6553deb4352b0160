/// Finds thousands of keywords in one pass over UTF-8 (Aho and Corasick, CACM 18:6, 1975). Compiled once, shared by all
/// requests; a search takes time linear in the text and the matches, and allocates nothing.
///
/// Letters A to Z match in either case unless the keyword says otherwise. Keywords are compared byte by byte: give it
/// normalised keywords for texts that are normalised (`NormalisedText`).
public struct KeywordMatcher: Sendable {
    public struct Keyword: Sendable, Hashable {
        /// An empty one matches nowhere.
        public var text: String
        public var isCaseSensitive: Bool
        /// The match must not begin or end within a word (`WordCharacters`).
        public var isWholeWord: Bool

        public init(_ text: String, isCaseSensitive: Bool = false, isWholeWord: Bool = false) {
            self.text = text
            self.isCaseSensitive = isCaseSensitive
            self.isWholeWord = isWholeWord
        }
    }

    public struct Match: Sendable, Hashable {
        /// Its place in the list the matcher was made of.
        public var keyword: Int
        /// Bytes of the text.
        public var range: Range<Int>

        public init(keyword: Int, range: Range<Int>) {
            self.keyword = keyword
            self.range = range
        }
    }

    /// Where a search stands in a text that is still coming.
    public struct Place: Sendable {
        /// Bytes that were read.
        public fileprivate(set) var offset = 0
        fileprivate var state: UInt32 = 0

        public init() {}
    }

    private struct Entry: Sendable {
        let bytes: [UInt8]
        let isCaseSensitive: Bool
        let isWholeWord: Bool
    }

    private let automaton: KeywordAutomaton
    private let entries: [Entry]

    public init(_ keywords: [Keyword]) {
        entries = keywords.map {
            Entry(bytes: Array($0.text.utf8), isCaseSensitive: $0.isCaseSensitive, isWholeWord: $0.isWholeWord)
        }
        automaton = KeywordAutomaton(entries.map { $0.bytes.map { UInt8(Self.folded(UInt32($0))) } })
    }

    /// A to Z in lower case, all other bytes as they are.
    @inline(__always)
    static func folded(_ byte: UInt32) -> UInt32 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// Bytes of memory that searches read.
    public var memorySize: Int { automaton.memorySize + entries.reduce(0) { $0 + $1.bytes.count } }

    /// How many of the last bytes before `place` may be the beginning of a match.
    public func pendingBytes(at place: Place) -> Int { automaton.depth(of: place.state) }

    /// All matches, in the order of their ends; those that overlap or lie within others too.
    public func search(_ text: UnsafeBufferPointer<UInt8>, _ found: (Match) -> Void) {
        var place = Place()
        search(text, from: &place, found)
    }

    /// - Parameters:
    ///   - text: from its beginning, longer than at the last call.
    ///   - place: where the last call ended. Whole words that end with the text are found although they may go on.
    public func search(_ text: UnsafeBufferPointer<UInt8>, from place: inout Place, _ found: (Match) -> Void) {
        automaton.cells.withUnsafeBufferPointer { cells in
            automaton.rows.withUnsafeBufferPointer { rows in
                let rowCount = automaton.rowCount
                var state = place.state
                var offset = place.offset
                while offset < text.count {
                    if state < rowCount {
                        state = rows[Int(state) << 8 | Int(text[offset])]
                    } else {
                        state = Self.next(cells, rows, rowCount, cell: state - rowCount, text[offset])
                    }
                    offset += 1
                    let output =
                        state < rowCount ? automaton.rowOutputs[Int(state)] : cells[Int(state - rowCount)].output
                    if output != 0 { report(output, endingAt: offset, in: text, found) }
                }
                place.state = state
                place.offset = offset
            }
        }
    }

    @inline(__always)
    private static func next(
        _ cells: UnsafeBufferPointer<KeywordAutomaton.Cell>, _ rows: UnsafeBufferPointer<UInt32>, _ rowCount: UInt32,
        cell: UInt32, _ byte: UInt8
    ) -> UInt32 {
        var cell = cell
        while true {
            let child = cells[Int(cell)].base ^ folded(UInt32(byte))
            if cells[Int(child)].parent == cell { return child + rowCount }
            let shorter = cells[Int(cell)].fallback
            if shorter < rowCount { return rows[Int(shorter) << 8 | Int(byte)] }
            cell = shorter - rowCount
        }
    }

    private func report(
        _ output: UInt32, endingAt end: Int, in text: UnsafeBufferPointer<UInt8>, _ found: (Match) -> Void
    ) {
        var next = output
        while next != 0 {
            let output = automaton.outputs[Int(next)]
            next = output.next
            let entry = entries[output.keyword]
            let range = end - entry.bytes.count..<end
            if entry.isCaseSensitive, !text[range].elementsEqual(entry.bytes) { continue }
            if entry.isWholeWord,
                WordCharacters.isInside(text, at: range.lowerBound) || WordCharacters.isInside(text, at: end)
            {
                continue
            }
            found(Match(keyword: output.keyword, range: range))
        }
    }
}
