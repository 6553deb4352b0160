import HadalText

/// Tells how much of a system prompt an answer repeats, whatever marks and spaces lie between: the share of the
/// prompt's pieces of `length` letters and ideographs that the answer has too.
struct PromptOverlap: Sendable {
    /// Scalars of a piece: about four English words or twelve Chinese characters.
    private static let length = 12
    /// Shorter prompts say what many answers say.
    private static let least = 40
    private static let prime: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The pieces that were not found yet.
    private var missing: Set<UInt64>
    private let count: Int
    /// The last letters of the answer.
    private var tail: [UInt32] = []

    init(_ systemPrompt: String) {
        let letters = Self.letters(systemPrompt)
        missing = letters.count < Self.least ? [] : Set(Self.pieces(letters))
        count = missing.count
    }

    /// 0 to 1.
    var share: Double { count == 0 ? 0 : 1 - Double(missing.count) / Double(count) }

    /// - Parameter chunk: the next part of an answer, from a boundary of characters on.
    mutating func append(_ chunk: String) {
        guard count > 0 else { return }
        tail += Self.letters(chunk)
        for piece in Self.pieces(tail) { missing.remove(piece) }
        if tail.count >= Self.length { tail.removeFirst(tail.count - Self.length + 1) }
    }

    private static func letters(_ text: String) -> [UInt32] {
        FoldedText(NormalisedText(text)).scalars.filter { $0 >= 0x80 || Scalars.isLetter($0) || $0 &- 0x30 < 10 }
    }

    private static func pieces(_ letters: [UInt32]) -> [UInt64] {
        guard letters.count >= length else { return [] }
        return (0...letters.count - length).map { start in
            letters[start..<start + length].reduce(0) { ($0 ^ UInt64($1)) &* prime }
        }
    }
}
