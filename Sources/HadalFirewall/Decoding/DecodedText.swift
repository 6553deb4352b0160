/// Text that was found encoded in another one.
struct DecodedText: Sendable {
    let encoding: Encoding
    /// UTF-8.
    let bytes: [UInt8]
}

/// Ways to write a text that people cannot read but models can.
public enum Encoding: String, Sendable, Hashable, CaseIterable {
    case base64
    /// `69676e6f7265`, `69 67 6e`, `\x69\x67`.
    case hexadecimal
    /// `01101001 01100111`.
    case binary
    /// `%69%67`, decoded within the text.
    case percent
    /// `\u0069`, `U+0069`, decoded within the text.
    case unicodeEscapes
    /// `&#105;`, `&lt;`, decoded within the text.
    case htmlEntities
    /// Tag characters and variation selectors, which are not shown.
    case invisible
    /// Only looked at where the text speaks of it.
    case rot13
    /// Only looked at where the text speaks of it.
    case reversed
}
