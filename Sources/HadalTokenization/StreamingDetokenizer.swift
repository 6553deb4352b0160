/// Turns tokens into text while they come: never half a character.
///
/// Bytes that may yet become a character are held back; bytes that cannot become U+FFFD, as a decoder of the whole
/// would do.
public struct StreamingDetokenizer: Sendable {
    private let tokenizer: any Tokenizer
    private let skipsSpecial: Bool
    private let shown: Set<Int32>
    private var dropsSpace: Bool
    /// The beginning of an incomplete character: at most three bytes.
    private var held: [UInt8] = []

    /// - Parameters:
    ///   - skipsSpecial: leaves control tokens out of the text.
    ///   - shown: except these.
    ///   - continuesText: the tokens follow others (a prompt), so that a SentencePiece word keeps the space before it.
    public init(
        _ tokenizer: any Tokenizer, skipsSpecial: Bool = true, showing shown: Set<Int32> = [],
        continuesText: Bool = false
    ) {
        self.tokenizer = tokenizer
        self.shown = shown
        self.skipsSpecial = skipsSpecial
        dropsSpace = tokenizer.stripsLeadingSpace && !continuesText
    }

    /// The same, after the tokens of a prompt: it depends on them whether the next word stands at the beginning.
    public init(
        _ tokenizer: any Tokenizer, skipsSpecial: Bool = true, showing shown: Set<Int32> = [],
        after prompt: some Sequence<Int32>
    ) {
        self.init(
            tokenizer, skipsSpecial: skipsSpecial, showing: shown,
            continuesText: !prompt.allSatisfy { tokenizer.isSpecial($0) })
    }

    /// The text that `token` completes; empty while a character is incomplete.
    public mutating func push(_ token: Int32) -> String {
        if skipsSpecial, tokenizer.isSpecial(token), !shown.contains(token) { return "" }
        var bytes = tokenizer.bytes(of: token)
        guard !bytes.isEmpty else { return "" }
        if dropsSpace {
            dropsSpace = false
            if bytes[0] == 0x20 { bytes.removeFirst() }
        }
        if !held.isEmpty { bytes.insert(contentsOf: held, at: 0) }
        let complete = bytes.count - StreamingDetokenizer.incompleteSuffix(of: bytes)
        held = Array(bytes[complete...])
        return String(decoding: bytes[..<complete], as: UTF8.self)
    }

    /// What was held back, at the end of the sequence: U+FFFD for an incomplete character.
    public mutating func flush() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }

    /// How many bytes at the end are the beginning of a character: 0...3.
    private static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let lead = bytes[bytes.count - length]
            if lead & 0xC0 == 0x80 { continue }
            let needed =
                switch lead {
                case 0xC2...0xDF: 2
                case 0xE0...0xEF: 3
                case 0xF0...0xF4: 4
                default: 0
                }
            guard length < needed else { return 0 }
            guard length > 1 else { return length }
            // Overlong forms, surrogates and scalars past U+10FFFF are wrong from the second byte on.
            let second = bytes[bytes.count - length + 1]
            let isPossible =
                switch lead {
                case 0xE0: second >= 0xA0
                case 0xED: second < 0xA0
                case 0xF0: second >= 0x90
                case 0xF4: second < 0x90
                default: true
                }
            return isPossible ? length : 0
        }
        return 0
    }
}
