/// One step of a pre-tokenizer: where a piece of text is cut further. Each is the matcher of one regular expression,
/// written by hand: linear in the text, and known to be exactly that expression.
enum SplitRule: Sendable {
    /// `\s?[set]+` and its like.
    case run(prefix: Prefix, set: ScalarSet, longest: Int)
    /// `\s+$`
    case trailingSpace
    case gpt2
    /// Llama 3 and its family; the number of digits that stay together differs.
    case llama3(digits: Int)
    /// The third expression of DeepSeek-V3 and R1.
    case deepSeekV3

    enum Prefix: Sendable { case none, space, anySpace }

    /// Cuts `text[start..<end]` and appends the end of every part to `cuts`. Parts that match and what lies between
    /// them are all kept (`Isolated`).
    func cut(_ text: Span<UInt8>, from start: Int, to end: Int, into cuts: inout [Int]) {
        let classes = ScalarClasses.table
        switch self {
        case .run(let prefix, let set, let longest):
            SplitRule.cut(text, start, end, &cuts) { text, index in
                SplitRule.matchRun(text, index, end, prefix, set, longest, classes)
            }
        case .trailingSpace:
            var cut = end
            while cut > start {
                let last = text.scalar(before: cut)
                guard classes[last.value].contains(.space) else { break }
                cut = last.start
            }
            if cut > start, cut < end { cuts.append(cut) }
            cuts.append(end)
        case .gpt2:
            let words = WordScanner(classes: classes, end: end)
            SplitRule.cut(text, start, end, &cuts) { text, index in words.gpt2(text, index) }
        case .llama3(let digits):
            let words = WordScanner(classes: classes, end: end)
            SplitRule.cut(text, start, end, &cuts) { text, index in words.llama3(text, index, digits: digits) }
        case .deepSeekV3:
            let words = WordScanner(classes: classes, end: end)
            SplitRule.cut(text, start, end, &cuts) { text, index in words.deepSeekV3(text, index) }
        }
    }

    /// - Parameter match: the end of the match that begins exactly at an index, or that index where there is none.
    @inline(__always)
    private static func cut(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, _ cuts: inout [Int],
        match: (_ text: borrowing Span<UInt8>, _ index: Int) -> Int
    ) {
        var index = start
        var unmatched = start
        while index < end {
            let matched = match(text, index)
            if matched == index {
                index = text.scalar(at: index).next
                continue
            }
            if unmatched < index { cuts.append(index) }
            cuts.append(matched)
            index = matched
            unmatched = matched
        }
        if unmatched < end { cuts.append(end) }
    }

    @inline(__always)
    private static func matchRun(
        _ text: borrowing Span<UInt8>, _ start: Int, _ end: Int, _ prefix: Prefix, _ set: ScalarSet, _ longest: Int,
        _ classes: ScalarClasses
    ) -> Int {
        func run(from start: Int) -> Int {
            var index = start
            var count = 0
            while index < end, count < longest {
                let (value, next) = text.scalar(at: index)
                guard set.contains(value, classes[value]) else { break }
                index = next
                count += 1
            }
            return index
        }
        if prefix != .none {
            let (value, next) = text.scalar(at: start)
            if prefix == .space ? value == 0x20 : classes[value].contains(.space) {
                let matched = run(from: next)
                if matched > next { return matched }
            }
        }
        return run(from: start)
    }
}

extension SplitRule {
    /// The rule for a regular expression as `tokenizer.json` writes it; `nil` for one that is not known.
    init?(pattern: String) {
        // Some files hold line breaks as such, others as escapes.
        let pattern = String(
            pattern.unicodeScalars.flatMap { scalar -> [Character] in
                switch scalar {
                case "\r": ["\\", "r"]
                case "\n": ["\\", "n"]
                default: [Character(scalar)]
                }
            })
        if let known = SplitRule.known[pattern] {
            self = known
            return
        }
        var rest = Substring(pattern).unicodeScalars
        var prefix = Prefix.none
        if rest.starts(with: "\\s?".unicodeScalars) {
            prefix = .anySpace
            rest.removeFirst(3)
        } else if rest.starts(with: " ?".unicodeScalars) {
            prefix = .space
            rest.removeFirst(2)
        }
        guard let set = ScalarSet.parse(&rest) else { return nil }
        let quantifier = String(rest)
        switch quantifier {
        case "": self = .run(prefix: prefix, set: set, longest: 1)
        case "+": self = .run(prefix: prefix, set: set, longest: .max)
        default:
            guard quantifier.hasPrefix("{1,"), quantifier.hasSuffix("}"),
                let longest = Int(quantifier.dropFirst(3).dropLast()), longest > 0
            else { return nil }
            self = .run(prefix: prefix, set: set, longest: longest)
        }
    }

    private static let known: [String: SplitRule] = [
        #"\s+$"#: .trailingSpace,
        gpt2Pattern: .gpt2,
        llama3Pattern(number: #"\p{N}{1,3}"#): .llama3(digits: 3),
        llama3Pattern(number: #"\p{N}"#): .llama3(digits: 1),
        deepSeekV3Pattern: .deepSeekV3,
    ]

    static let gpt2Pattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    static func llama3Pattern(number: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + number
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    static let deepSeekV3Pattern =
        ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
        + #"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}
