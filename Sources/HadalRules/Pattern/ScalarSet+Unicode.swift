import HadalText

extension ScalarSet {
    static let newline = ScalarSet(0x0A)
    static let space = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
    ])
    /// Decimal digits of every script.
    static let digits = category([.decimalNumber])
    /// `\w`: letters, marks and digits of every script, and `_`.
    static let wordCharacters = named("L")!.union(named("M")!).union(digits).union(ScalarSet(0x5F))
    /// What `\b` looks at: `WordCharacters`, so that 卡6222 has a boundary in the middle.
    static let boundedWords = ScalarSet(below: tableEnd) { WordCharacters.contains($0) }

    /// Above it no letters, digits or punctuation are assigned.
    private static let tableEnd: UInt32 = 0x33480

    private static let categories: [String: [Unicode.GeneralCategory]] = [
        "L": [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter],
        "Lu": [.uppercaseLetter], "Ll": [.lowercaseLetter],
        "M": [.nonspacingMark, .spacingMark, .enclosingMark],
        "N": [.decimalNumber, .letterNumber, .otherNumber], "Nd": [.decimalNumber],
        "P": [
            .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation,
        ],
        "S": [.mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol], "Sc": [.currencySymbol],
        "Z": [.spaceSeparator, .lineSeparator, .paragraphSeparator],
    ]

    /// Blocks of the scripts (Unicode 16); of alphabets their letters.
    private static let scripts: [String: [ClosedRange<UInt32>]] = [
        "Han": [
            0x2E80...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029, 0x3038...0x303B, 0x3400...0x4DBF,
            0x4E00...0x9FFF, 0xF900...0xFAD9, 0x16FE2...0x16FE3, 0x16FF0...0x16FF1, 0x20000...0x2A6DF,
            0x2A700...0x2EE5D, 0x2F800...0x2FA1D, 0x30000...0x323AF,
        ],
        "Hiragana": [0x3041...0x3096, 0x309D...0x309F, 0x1B001...0x1B11F],
        "Katakana": [0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9D],
        "Hangul": [0x1100...0x11FF, 0x3131...0x318E, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xD7B0...0xD7FB],
        "Latin": [0x41...0x24F, 0x250...0x2AF, 0x1E00...0x1EFF, 0x2C60...0x2C7F, 0xA722...0xA7FF, 0xFF21...0xFF5A],
        "Greek": [0x370...0x3FF, 0x1F00...0x1FFF],
        "Cyrillic": [0x400...0x52F, 0x1C80...0x1C8A, 0x2DE0...0x2DFF, 0xA640...0xA69F],
        "Arabic": [0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFC],
    ]

    static let names = (Array(categories.keys) + Array(scripts.keys)).sorted()

    /// Made when first asked for: a look at each code point.
    private static let made: [String: ScalarSet] = {
        var made = categories.mapValues { category($0) }
        let letters = made["L"] ?? .none
        for (name, blocks) in scripts {
            made[name] = name == "Han" ? ScalarSet(blocks) : ScalarSet(blocks).intersection(letters)
        }
        return made
    }()

    /// A property of `\p{…}`: a general category or a script.
    static func named(_ name: String) -> ScalarSet? { made[name] }

    private static func category(_ wanted: [Unicode.GeneralCategory]) -> ScalarSet {
        ScalarSet(below: tableEnd) { wanted.contains($0.properties.generalCategory) }
    }

    /// With the other cases of its letters, as far as those are one character (Latin, Greek, Cyrillic, Armenian).
    var ignoringCase: ScalarSet {
        let cased = intersection(ScalarSet([0x41...0x24F, 0x370...0x587, 0x10A0...0x10FF, 0x1E00...0x1FFF]))
        var added: [ClosedRange<UInt32>] = []
        for value in cased.ranges.joined() {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for other in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                let scalars = other.unicodeScalars
                if scalars.count == 1, let other = scalars.first?.value { added.append(other...other) }
            }
        }
        return ScalarSet(ranges + added)
    }
}
