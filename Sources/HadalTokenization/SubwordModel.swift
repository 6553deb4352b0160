/// Text without added tokens to ids, and an id to the text it stands for.
protocol SubwordModel: Sendable {
    /// Ids 0 ..< count; some may be holes.
    var count: Int { get }
    /// - Parameter isFirst: whether the text stands at the very beginning, for spaces that are put only there.
    func encode(_ text: Span<UInt8>, isFirst: Bool, into ids: inout [Int32])
    func bytes(of token: Int32) -> [UInt8]
    /// The id of a piece, by the text it stands for or as the vocabulary writes it.
    func id(of piece: [UInt8]) -> Int32?
}

/// Byte-level BPE: GPT-2 and all DeepSeek models.
struct ByteLevelModel: SubwordModel {
    /// Pieces as the bytes they stand for.
    let pieces: PieceTable
    let merges: MergeTable
    let preTokenizer: PreTokenizer
    /// A word that is a piece is taken whole, whatever the merges would make of it (Llama 3).
    let ignoresMerges: Bool
    /// Put for a byte that the vocabulary lacks; without it such bytes are dropped, as the reference does.
    let unknown: Int32?
    private let symbolOfByte: [Int32]

    init(
        pieces: PieceTable, merges: MergeTable, preTokenizer: PreTokenizer, ignoresMerges: Bool = false,
        unknown: Int32? = nil
    ) {
        self.pieces = pieces
        self.merges = merges
        self.preTokenizer = preTokenizer
        self.ignoresMerges = ignoresMerges
        self.unknown = unknown
        symbolOfByte = (0...255).map { pieces.id(of: CollectionOfOne(UInt8($0))) ?? unknown ?? -1 }
    }

    var count: Int { pieces.count }

    func encode(_ text: Span<UInt8>, isFirst: Bool, into ids: inout [Int32]) {
        if preTokenizer.addsPrefixSpace, text.count > 0, text[0] != 0x20 {
            var prefixed: [UInt8] = [0x20]
            prefixed.reserveCapacity(text.count + 1)
            for index in text.indices { prefixed.append(text[index]) }
            encodeWords(prefixed.span, into: &ids)
        } else {
            encodeWords(text, into: &ids)
        }
    }

    private func encodeWords(_ text: Span<UInt8>, into ids: inout [Int32]) {
        var merger = PairMerger()
        var start = 0
        for end in preTokenizer.words(of: text) {
            defer { start = end }
            if ignoresMerges, let whole = pieces.id(of: text.extracting(start..<end)) {
                ids.append(whole)
                continue
            }
            merger.symbols.removeAll(keepingCapacity: true)
            for index in start..<end {
                let symbol = symbolOfByte[Int(text[index])]
                if symbol >= 0 { merger.symbols.append(symbol) }
            }
            merger.merge(with: merges)
            ids.append(contentsOf: merger.symbols)
        }
    }

    func bytes(of token: Int32) -> [UInt8] { Array(pieces[token]) }

    func id(of piece: [UInt8]) -> Int32? { pieces.id(of: piece) ?? pieces.id(of: ByteAlphabet.decode(piece)) }
}
