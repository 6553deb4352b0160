/// Scalars that stand for others while control tokens are looked for; see `Tokenizer.encode(_:unmasking:)`.
struct TextMasks: Sendable {
    /// By the four bytes of the mask, most significant first.
    private var originals: [UInt32: [UInt8]] = [:]

    /// - Precondition: masks lie beyond the Basic Multilingual Plane: four bytes each, which begin with 0xF0...0xF4.
    init(_ masks: [Unicode.Scalar: Unicode.Scalar]) {
        for (mask, original) in masks {
            precondition(mask.value > 0xFFFF, "masks lie beyond the Basic Multilingual Plane")
            originals[Array(UTF8.encode(mask)!).reduce(0) { $0 << 8 | UInt32($1) }] = Array(UTF8.encode(original)!)
        }
    }

    /// The text with every mask replaced by what it stands for; nil where there is none.
    func removed(from text: Span<UInt8>) -> [UInt8]? {
        guard text.indices.contains(where: { text[$0] >= 0xF0 }) else { return nil }
        var plain: [UInt8] = []
        plain.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] >= 0xF0, index + 4 <= text.count {
                let key = (index..<index + 4).reduce(UInt32(0)) { $0 << 8 | UInt32(text[$1]) }
                if let original = originals[key] {
                    plain += original
                    index += 4
                    continue
                }
            }
            plain.append(text[index])
            index += 1
        }
        return plain
    }
}
