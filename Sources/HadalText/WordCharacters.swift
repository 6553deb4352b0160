/// Which characters make up words, for keywords that must stand alone.
public enum WordCharacters {
    /// Scripts that are written without spaces: a word in them has no visible ends, so that their characters bound the
    /// words of other scripts.
    private static let unspaced: [ClosedRange<UInt32>] = [
        0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF,
        0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xF900...0xFAFF, 0xFF66...0xFF9D, 0x16FE0...0x18DFF,
        0x1AFF0...0x1B2FF, 0x20000...0x3FFFF,
    ]

    /// Letters, marks and digits of scripts that separate words by spaces, and `_`.
    public static func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: return true
        case 0..<0x80: return false
        case let value where unspaced.contains { $0.contains(value) }: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber: return true
        default: return false
        }
    }

    /// Whether a word goes on across `offset`: word characters stand on both of its sides.
    public static func isInside(_ text: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        guard offset > 0, offset < text.count, let after = scalar(in: text, from: offset) else { return false }
        var start = offset - 1
        while start > 0, offset - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
        guard let before = scalar(in: text, from: start) else { return false }
        return contains(before) && contains(after)
    }

    private static func scalar(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Unicode.Scalar? {
        guard text[start] >= 0x80 else { return Unicode.Scalar(text[start]) }
        var decoder = UTF8()
        var bytes = text[start..<min(text.count, start + 4)].makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        return scalar
    }
}
