/// A text as detectors read it: what hides or disguises characters is gone, and each place is still known in the
/// original.
///
/// One pass over the UTF-8 bytes
/// - writes full-width and small forms, and decimal digits of every script, as ASCII;
/// - writes every Unicode space as a space, hyphens and minus signs as `-`, line separators as a line feed;
/// - leaves out what nobody sees: zero-width and bidirectional characters, tags, variation selectors, fillers.
///
/// Case, ASCII control characters and everything else stay. Bytes that are no UTF-8 are kept as they are.
public struct NormalisedText: Sendable {
    /// The text that was given, UTF-8.
    public let original: [UInt8]
    /// The normalised text, UTF-8; the same storage as `original` where there was nothing to change.
    public let bytes: [UInt8]
    /// How many invisible characters were left out.
    public let removedCharacters: Int
    let map: OffsetMap

    public init(_ text: String) { self.init(utf8: Array(text.utf8)) }

    public init(utf8 original: [UInt8]) {
        self.original = original
        let folded = original.withUnsafeBufferPointer { CharacterFolding.standard.fold($0) }
        bytes = folded.bytes ?? original
        map = folded.map
        removedCharacters = folded.removed
    }

    /// Whether the text was in normal form already.
    public var isUnchanged: Bool { map.isIdentity }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// The offset in `original` of the byte that stands at `offset` in `bytes`. `bytes.count` gives where the last
    /// character that was kept ends.
    public func originalOffset(of offset: Int) -> Int {
        offset < bytes.count ? map.original(of: offset) : originalEnd(of: offset)
    }

    /// The range in `original` that `range` of `bytes` was made from: from the start of its first character to the end
    /// of its last. Invisible characters before the first and after the last do not belong to it.
    public func originalRange(_ range: Range<Int>) -> Range<Int> {
        let start = originalOffset(of: range.lowerBound)
        return start..<(range.isEmpty ? start : originalEnd(of: range.upperBound))
    }

    /// The end of the original character whose last byte was written before `offset`.
    private func originalEnd(of offset: Int) -> Int {
        guard offset > 0 else { return 0 }
        let last = map.original(of: offset - 1)
        var end = last + 1
        while end < original.count, end < last + 4, original[end] & 0xC0 == 0x80 { end += 1 }
        return end
    }
}
