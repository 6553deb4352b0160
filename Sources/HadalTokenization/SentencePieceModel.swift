/// SentencePiece's BPE (Llama 1 and 2, and the small models trained after them): characters are merged, a space is
/// written `▁` (U+2581), and characters outside the vocabulary become byte tokens `<0x00>`…`<0xFF>`.
struct SentencePieceModel: SubwordModel {
    /// When `▁` is put before a text.
    enum Prefix: Sendable { case never, first, always }

    /// Pieces as the vocabulary writes them, with `▁` for a space.
    let pieces: PieceTable
    let merges: MergeTable
    /// Tokens of single bytes; -1 where the vocabulary has none.
    let byteTokens: [Int32]
    let unknown: Int32?
    /// Neighbouring unknown characters become one unknown token.
    let fusesUnknown: Bool
    let prefix: Prefix
    /// Metaspace's own rule: no `▁` is put before a text that begins with one.
    let keepsLeadingMark: Bool
    /// Every `▁` begins a new word (Metaspace with `split`).
    let splitsWords: Bool
    /// No merge crosses from a character into a following `▁`, so that words can be merged one by one. True of nearly
    /// every vocabulary, and much faster.
    private let mergesWithinWords: Bool
    private let byteOfToken: [Int32: UInt8]

    private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

    init(
        pieces: PieceTable, merges: MergeTable, mergedPieces: some Sequence<Int32>, byteTokens: [Int32],
        unknown: Int32?,
        fusesUnknown: Bool, prefix: Prefix, keepsLeadingMark: Bool, splitsWords: Bool
    ) {
        self.pieces = pieces
        self.merges = merges
        self.byteTokens = byteTokens
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        self.prefix = prefix
        self.keepsLeadingMark = keepsLeadingMark
        self.splitsWords = splitsWords
        mergesWithinWords = mergedPieces.allSatisfy { !SentencePieceModel.hasInnerMark(pieces[$0]) }
        byteOfToken = Dictionary(
            byteTokens.enumerated().filter { $0.element >= 0 }.map { ($0.element, UInt8($0.offset)) },
            uniquingKeysWith: { first, _ in first })
    }

    var count: Int { pieces.count }

    /// Whether a `▁` stands after another character.
    private static func hasInnerMark(_ piece: ArraySlice<UInt8>) -> Bool {
        var rest = piece
        while rest.starts(with: mark) { rest = rest.dropFirst(3) }
        while rest.count >= 3 {
            if rest.starts(with: mark) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    func encode(_ text: Span<UInt8>, isFirst: Bool, into ids: inout [Int32]) {
        guard text.count > 0 else { return }
        var marked: [UInt8] = []
        marked.reserveCapacity(text.count + text.count / 2 + 3)
        let beginsWithMark =
            text[0] == 0x20 || (text.count >= 3 && text[0] == 0xE2 && text[1] == 0x96 && text[2] == 0x81)
        if prefix == .always || (prefix == .first && isFirst), !(keepsLeadingMark && beginsWithMark) {
            marked += SentencePieceModel.mark
        }
        for index in text.indices {
            if text[index] == 0x20 { marked += SentencePieceModel.mark } else { marked.append(text[index]) }
        }
        encodeMarked(marked.span, into: &ids)
    }

    private func encodeMarked(_ text: Span<UInt8>, into ids: inout [Int32]) {
        var merger = PairMerger()
        var index = 0
        var wasMark = true
        var wasUnknown = false
        while index < text.count {
            let (value, next) = text.scalar(at: index)
            let isMark = value == 0x2581
            if isMark, index > 0, splitsWords || (mergesWithinWords && !wasMark) {
                merger.merge(with: merges)
                ids.append(contentsOf: merger.symbols)
                merger.symbols.removeAll(keepingCapacity: true)
                if splitsWords { wasUnknown = false }
            }
            wasMark = isMark
            if let symbol = pieces.id(of: text.extracting(index..<next)) {
                merger.symbols.append(symbol)
                wasUnknown = false
            } else if (index..<next).allSatisfy({ byteTokens[Int(text[$0])] >= 0 }) {
                for place in index..<next { merger.symbols.append(byteTokens[Int(text[place])]) }
                wasUnknown = false
            } else if let unknown {
                if !(wasUnknown && fusesUnknown) { merger.symbols.append(unknown) }
                wasUnknown = true
            }
            index = next
        }
        merger.merge(with: merges)
        ids.append(contentsOf: merger.symbols)
    }

    func bytes(of token: Int32) -> [UInt8] {
        if let byte = byteOfToken[token] { return [byte] }
        let piece = pieces[token]
        var text: [UInt8] = []
        var index = piece.startIndex
        while index < piece.endIndex {
            if piece[index...].starts(with: SentencePieceModel.mark) {
                text.append(0x20)
                index += 3
            } else {
                text.append(piece[index])
                index += 1
            }
        }
        return text
    }

    func id(of piece: [UInt8]) -> Int32? {
        pieces.id(of: piece) ?? pieces.id(of: piece.flatMap { $0 == 0x20 ? SentencePieceModel.mark : [$0] })
    }
}

extension MergeTable {
    /// The merges that a vocabulary with scores implies: every way to put two pieces together to a third, the higher
    /// score first, equal scores from left to right.
    ///
    /// - Parameter mergeable: ids of the pieces that merging may make; others are control, byte or unused tokens.
    init(scores: [Float], pieces: PieceTable, mergeable: [Int32]) {
        // Ranks are dense and shared by equal scores.
        let ordered = mergeable.sorted { scores[Int($0)] > scores[Int($1)] }
        var found: [(left: Int32, right: Int32, rank: Int, merged: Int32)] = []
        var rank = 0
        let isMergeable = Set(mergeable)
        for (index, id) in ordered.enumerated() {
            if index > 0, scores[Int(id)] != scores[Int(ordered[index - 1])] { rank += 1 }
            let piece = Array(pieces[id])
            for cut in piece.indices.dropFirst() where piece[cut] & 0xC0 != 0x80 {
                guard let left = pieces.id(of: piece.span.extracting(0..<cut)), isMergeable.contains(left),
                    let right = pieces.id(of: piece.span.extracting(cut..<piece.count)), isMergeable.contains(right)
                else { continue }
                found.append((left, right, rank, id))
            }
        }
        self.init(capacity: found.count)
        for merge in found { add(merge.left, merge.right, rank: merge.rank, merged: merge.merged) }
    }
}
