/// What pre-tokenizers ask of a Unicode scalar: general categories and White_Space, as in `\p{L}` or `\s`.
struct ScalarClass: OptionSet, Sendable, Hashable {
    let rawValue: UInt8

    static let letter = ScalarClass(rawValue: 1)
    static let mark = ScalarClass(rawValue: 2)
    static let number = ScalarClass(rawValue: 4)
    static let punctuation = ScalarClass(rawValue: 8)
    static let symbol = ScalarClass(rawValue: 16)
    /// White_Space: what `\s` means to Oniguruma and `char::is_whitespace` to Rust.
    static let space = ScalarClass(rawValue: 32)
    /// Mn only: what accent stripping removes.
    static let nonspacing = ScalarClass(rawValue: 64)
    /// Control, format, private use.
    static let other = ScalarClass(rawValue: 128)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(of scalar: Unicode.Scalar) {
        var result: ScalarClass
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: result = .letter
        case .nonspacingMark: result = [.mark, .nonspacing]
        case .spacingMark, .enclosingMark: result = .mark
        case .decimalNumber, .letterNumber, .otherNumber: result = .number
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            result = .punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: result = .symbol
        case .control, .format, .surrogate, .privateUse: result = .other
        case .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned: result = []
        @unknown default: result = []
        }
        // Much cheaper than asking for the property, and the same 25 scalars.
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            result.insert(.space)
        default: break
        }
        self = result
    }
}

/// The class of every scalar in two small arrays: 256-scalar blocks, equal blocks stored once (about 50 KB in all).
struct ScalarClasses: Sendable {
    static let table = ScalarClasses()

    private let blockOfPage: [UInt16]
    private let classes: [UInt8]

    private init() {
        var blockOfPage: [UInt16] = []
        var classes: [UInt8] = []
        var blockOfContent: [[UInt8]: UInt16] = [:]
        for page in 0..<(0x110000 >> 8) {
            let first = UInt32(page) << 8
            let content: [UInt8]
            switch first {
            // Large parts with one class throughout, which keeps building the table under 10 ms: the ideographs and
            // Hangul syllables that fill whole pages; planes 4 to 13, unassigned; private use (but for noncharacters).
            case 0x4E00..<0x9F00, 0xAC00..<0xD700, 0x20000..<0x2A600:
                content = [UInt8](repeating: ScalarClass.letter.rawValue, count: 256)
            case 0x40000..<0xE0000, 0xE0200..<0xF0000: content = [UInt8](repeating: 0, count: 256)
            case 0xE000..<0xF900, 0xF0000...: content = [UInt8](repeating: ScalarClass.other.rawValue, count: 256)
            default:
                content = (first..<first + 256).map { Unicode.Scalar($0).map { ScalarClass(of: $0).rawValue } ?? 0 }
            }
            if let block = blockOfContent[content] {
                blockOfPage.append(block)
            } else {
                let block = UInt16(classes.count >> 8)
                blockOfContent[content] = block
                blockOfPage.append(block)
                classes += content
            }
        }
        self.blockOfPage = blockOfPage
        self.classes = classes
    }

    @inline(__always)
    subscript(scalar: UInt32) -> ScalarClass {
        ScalarClass(rawValue: classes[Int(blockOfPage[Int(scalar >> 8)]) << 8 | Int(scalar & 255)])
    }
}

extension Span<UInt8> {
    /// The scalar whose UTF-8 begins at `index`, and the index after it.
    ///
    /// The bytes come from a `String` and are valid; were they not, the result would be a wrong scalar or a trap at the
    /// end of the span, never a read outside it.
    @inline(__always)
    func scalar(at index: Int) -> (value: UInt32, next: Int) {
        let first = self[index]
        if first < 0x80 { return (UInt32(first), index + 1) }
        let second = UInt32(self[index + 1] & 0x3F)
        if first < 0xE0 { return (UInt32(first & 0x1F) << 6 | second, index + 2) }
        let third = UInt32(self[index + 2] & 0x3F)
        if first < 0xF0 { return (UInt32(first & 0x0F) << 12 | second << 6 | third, index + 3) }
        let fourth = UInt32(self[index + 3] & 0x3F)
        return (UInt32(first & 0x07) << 18 | second << 12 | third << 6 | fourth, index + 4)
    }

    /// The scalar that ends before `index`, and the index where it begins. `index` is positive.
    func scalar(before index: Int) -> (value: UInt32, start: Int) {
        var start = index - 1
        while start > 0, self[start] & 0xC0 == 0x80 { start -= 1 }
        return (scalar(at: start).value, start)
    }
}
