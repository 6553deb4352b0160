import HadalText

/// Ciphers that are looked at only where a text speaks of them, as any text can be read in them.
enum Rotation {
    private static let rot13Names = ["rot13", "rot 13", "rot-13", "caesar", "cipher", "凯撒", "恺撒"]
    private static let reversedNames = [
        "reverse", "backward", "right to left", "倒序", "倒过来", "反过来", "逆序", "反转", "倒着",
    ]
    private static let names = KeywordMatcher((rot13Names + reversedNames).map { KeywordMatcher.Keyword($0) })

    /// The text in those ciphers that it names.
    static func asked(_ text: FoldedText, _ encoded: FoldedText.Encoded) -> [(Encoding, FoldedText)] {
        var asked: Set<Encoding> = []
        encoded.bytes.withUnsafeBufferPointer { bytes in
            names.search(bytes) { asked.insert($0.keyword < rot13Names.count ? .rot13 : .reversed) }
        }
        var found: [(Encoding, FoldedText)] = []
        if asked.contains(.rot13) {
            let moved = text.scalars.map { Scalars.isLetter($0) ? ($0 - 0x61 + 13) % 26 + 0x61 : $0 }
            found.append((.rot13, FoldedText(moved)))
        }
        if asked.contains(.reversed) { found.append((.reversed, FoldedText(text.scalars.reversed()))) }
        return found
    }
}
