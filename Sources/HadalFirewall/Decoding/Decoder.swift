import HadalText

/// Finds what is encoded in a text, once; what was decoded may hold further encoded text.
enum Decoder {
    struct Result: Sendable {
        var texts: [DecodedText] = []
        /// `false` where more was encoded than is followed.
        var isComplete = true
    }

    /// How deep encodings are followed.
    private static let depth = 3

    /// So many bytes are decoded at most, whatever is nested: some encodings rewrite a text as a whole.
    private static func limit(_ count: Int) -> Int { 4 * count + 1 << 16 }

    /// Everything encoded in a text, nested too. Takes time linear in it.
    static func decode(_ text: NormalisedText) -> Result {
        var result = Result()
        var level = [text]
        var bytes = 0
        for _ in 0..<depth {
            var next: [NormalisedText] = []
            for decoded in level.flatMap(once) {
                bytes += decoded.bytes.count
                guard bytes <= limit(text.original.count) else {
                    result.isComplete = false
                    return result
                }
                result.texts.append(decoded)
                next.append(NormalisedText(utf8: decoded.bytes))
            }
            level = next
        }
        result.isComplete = level.allSatisfy { once($0).isEmpty }
        return result
    }

    /// What nobody sees is left out first, as it may cut what is encoded.
    private static func once(_ text: NormalisedText) -> [DecodedText] {
        var found: [DecodedText] = []
        func add(_ encoding: Encoding, _ bytes: [UInt8]?) {
            if let bytes, !bytes.isEmpty { found.append(DecodedText(encoding: encoding, bytes: bytes)) }
        }
        if text.removedCharacters > 0 {
            add(.invisible, text.original.withUnsafeBufferPointer { InvisibleText.decode($0) })
        }
        text.bytes.withUnsafeBufferPointer { text in
            add(.base64, Base64Runs.decode(text))
            add(.hexadecimal, DigitRuns.hexadecimal(text))
            add(.binary, DigitRuns.binary(text))
            add(.percent, Escapes.percent(text))
            add(.unicodeEscapes, Escapes.unicode(text))
            add(.htmlEntities, Escapes.html(text))
        }
        return found
    }

    /// Whether decoded bytes are text and not what any other bytes decode to: UTF-8, no control characters but white
    /// space, mostly ASCII and ideographs.
    static func isText(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var plain = 0
        var others = 0
        let isValid = bytes.withUnsafeBufferPointer { bytes in
            var place = 0
            while place < bytes.count {
                let (scalar, length) = Scalars.decode(bytes, at: place)
                if scalar == Scalars.replacement || scalar == 0x7F { return false }
                if scalar < 0x20, scalar != 0x0A, scalar != 0x0D, scalar != 0x09 { return false }
                if scalar < 0x80 || Scalars.isIdeograph(scalar) { plain += 1 } else { others += 1 }
                place += length
            }
            return true
        }
        return isValid && plain > 2 * others
    }
}
