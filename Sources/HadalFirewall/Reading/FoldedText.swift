import HadalText

/// A text as the classifier and the rules see it: normalised, lookalikes as the letters they look like, in lower case,
/// white space in single spaces and line ends, words written together that were spaced out. `Firewall/fold.py` does the
/// same.
struct FoldedText: Sendable {
    /// Unicode scalars.
    private(set) var scalars: [UInt32] = []
    /// By scalar: where it stands in the original, in UTF-8. Empty where there is none.
    private(set) var offsets: [UInt32] = []
    /// The length of the original.
    private var end = 0

    static let space: UInt32 = 0x20
    static let newline: UInt32 = 0x0A

    /// - Parameter text: what was sent, as normalised; bytes that are no UTF-8 become U+FFFD.
    init(_ text: NormalisedText) {
        scalars.reserveCapacity(text.bytes.count)
        offsets.reserveCapacity(text.bytes.count)
        read(text.bytes)
        SpacedWords.join(&scalars, &offsets)
        collapseSpaces()
        end = text.original.count
        if !text.isUnchanged { translate(text) }
    }

    /// A text that is folded already and has no original.
    init(_ scalars: [UInt32]) { self.scalars = scalars }

    /// UTF-8 offsets in the original of what `range` of the scalars was made from.
    func originalRange(_ range: Range<Int>) -> Range<Int>? {
        guard offsets.indices.contains(range.lowerBound) else { return nil }
        let last = range.upperBound < offsets.count ? Int(offsets[range.upperBound]) : end
        let first = Int(offsets[range.lowerBound])
        return first..<max(last, first)
    }

    private mutating func translate(_ text: NormalisedText) {
        for index in offsets.indices {
            offsets[index] = UInt32(truncatingIfNeeded: text.originalOffset(of: Int(offsets[index])))
        }
    }

    private mutating func read(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { bytes in
            var place = 0
            while place < bytes.count {
                let (scalar, length) = Scalars.decode(bytes, at: place)
                if let folded = Self.fold(scalar) {
                    scalars.append(folded)
                    offsets.append(UInt32(truncatingIfNeeded: place))
                }
                place += length
            }
        }
    }

    /// `nil` for what is left out: accents that stand by themselves.
    private static func fold(_ scalar: UInt32) -> UInt32? {
        if scalar < 0x80 {
            if scalar < 0x20 || scalar == 0x7F { return scalar == newline ? newline : space }
            return scalar &- 0x41 < 26 ? scalar | 0x20 : scalar
        }
        if 0x300...0x36F ~= scalar { return nil }
        return Confusables.standard.fold(scalar)
    }

    /// One space or line end for each run of them, none between ideographs on a line and none around the text.
    private mutating func collapseSpaces() {
        var count = 0
        var gap: UInt32?
        for index in scalars.indices {
            let scalar = scalars[index]
            if scalar == Self.space || scalar == Self.newline {
                if gap != Self.newline { gap = scalar }
                continue
            }
            if let mark = gap, count > 0,
                mark == Self.newline || !Scalars.isIdeograph(scalars[count - 1]) || !Scalars.isIdeograph(scalar)
            {
                scalars[count] = mark
                offsets[count] = offsets[index - 1]
                count += 1
            }
            gap = nil
            scalars[count] = scalar
            offsets[count] = offsets[index]
            count += 1
        }
        scalars.removeSubrange(count...)
        offsets.removeSubrange(count...)
    }
}
