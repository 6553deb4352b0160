import HadalText

/// A text that is still coming, as it is and normalised. Normalisation looks at one character at a time, so that it does not
/// depend on how the text is cut.
struct StreamText: Sendable {
    private(set) var original: [UInt8] = []
    private(set) var normalised: [UInt8] = []

    /// A piece in which normalisation changed something; nil for one that is the same in both.
    private struct Piece: Sendable {
        let start: Int
        let originalStart: Int
        let changed: NormalisedText?
    }

    private var pieces: [Piece] = []

    mutating func append(_ text: String) {
        let text = NormalisedText(text)
        if !text.isUnchanged || pieces.last.map({ $0.changed != nil }) ?? true {
            pieces.append(
                Piece(
                    start: normalised.count, originalStart: original.count, changed: text.isUnchanged ? nil : text))
        }
        original += text.original
        normalised += text.bytes
    }

    /// The range that a range of the normalised text was made from.
    func originalRange(_ range: Range<Int>) -> Range<Int> {
        let start = offset(of: range.lowerBound)
        guard !range.isEmpty else { return start..<start }
        let piece = piece(with: range.upperBound - 1)
        let end = range.upperBound - piece.start
        return start..<piece.originalStart + (piece.changed?.originalRange(0..<end).upperBound ?? end)
    }

    /// How much of the original text may be sent when the normalised text is certain up to `offset`.
    func originalLimit(of offset: Int) -> Int {
        offset == normalised.count ? original.count : self.offset(of: offset)
    }

    private func offset(of offset: Int) -> Int {
        guard !pieces.isEmpty else { return 0 }
        let piece = piece(with: offset)
        let inner = offset - piece.start
        return piece.originalStart + (piece.changed?.originalOffset(of: inner) ?? inner)
    }

    private func piece(with offset: Int) -> Piece {
        var (low, high) = (0, pieces.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if pieces[middle].start <= offset { low = middle } else { high = middle }
        }
        return pieces[low]
    }
}
