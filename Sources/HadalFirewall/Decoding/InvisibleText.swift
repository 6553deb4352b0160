/// Text in characters that are not shown: tags (U+E0000…) stand for ASCII, variation selectors for bytes.
enum InvisibleText {
    /// A flag of a region of a country takes seven tags; more say something.
    private static let least = 8

    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard text.contains(0xF3) || text.contains(0xEF) else { return nil }
        var tags: [UInt8] = []
        var selectors: [UInt8] = []
        var place = 0
        while place < text.count {
            let (scalar, length) = Scalars.decode(text, at: place)
            switch scalar {
            case 0xE0020...0xE007E: tags.append(UInt8(scalar - 0xE0000))
            case 0xFE00...0xFE0F: selectors.append(UInt8(scalar - 0xFE00))
            case 0xE0100...0xE01EF: selectors.append(UInt8(scalar - 0xE0100 + 16))
            default: break
            }
            place += length
        }
        if tags.count >= least { return tags }
        return selectors.count >= least && Decoder.isText(selectors) ? selectors : nil
    }

    /// How many words are cut by characters that are not shown: the sign of a disguise. Joiners within emoji and in
    /// scripts that need them do not count.
    static func cuts(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        var cuts = 0
        var before: UInt32 = 0
        var isAfterInvisible = false
        var place = 0
        while place < text.count {
            let (scalar, length) = Scalars.decode(text, at: place)
            place += length
            if isInvisible(scalar) {
                isAfterInvisible = true
                continue
            }
            if isAfterInvisible, joins(before, scalar) { cuts += 1 }
            isAfterInvisible = false
            before = scalar
        }
        return cuts
    }

    private static func isInvisible(_ scalar: UInt32) -> Bool {
        scalar == 0xAD || 0x200B...0x200F ~= scalar || 0x202A...0x202E ~= scalar || 0x2060...0x2064 ~= scalar
            || scalar == 0xFEFF || scalar == 0x180E || scalar == 0x3164
    }

    private static func joins(_ before: UInt32, _ after: UInt32) -> Bool {
        Scalars.isLetter(before | 0x20) && Scalars.isLetter(after | 0x20)
            || Scalars.isIdeograph(before) && Scalars.isIdeograph(after)
    }
}
