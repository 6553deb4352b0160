import HadalText

/// A regular expression, read: ECMAScript's syntax, as far as it is regular.
indirect enum RegexSyntax {
    case empty
    case set(ScalarSet)
    case sequence([RegexSyntax])
    case choice([RegexSyntax])
    /// - max: nil for no bound.
    case repeated(RegexSyntax, min: Int, max: Int?)
    case textStart
    case textEnd
}

/// Reads regular expressions: characters, classes, groups, alternatives, quantifiers (lazy ones match the same texts),
/// `^` and `$`. What looks around, looks back, or needs Unicode's tables is refused by name.
struct RegexParser {
    private static let depthMax = 200
    private static let repetitionMax = 100_000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var dot = ScalarSet.lineEnds.complement
    private var ignoresCase = false

    /// - Throws: `invalidRegex`.
    static func parse(_ pattern: String) throws(GrammarError) -> RegexSyntax {
        var parser = RegexParser(scalars: Array(pattern.unicodeScalars))
        try parser.flags()
        let syntax = try parser.choice()
        guard parser.position == parser.scalars.count else { throw parser.failure("a ')' without its '('") }
        return syntax
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func failure(_ problem: String) -> GrammarError { .invalidRegex(offset: position, problem: problem) }

    private func follows(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    /// `(?s)`, `(?i)` at the beginning, as Python writes them.
    private mutating func flags() throws(GrammarError) {
        guard follows("(?"), let close = scalars.firstIndex(of: ")"), close > 2 else { return }
        let names = scalars[2..<close]
        guard names.allSatisfy({ $0.properties.isAlphabetic }) else { return }
        for name in names {
            switch name {
            case "s": dot = .all
            case "i": ignoresCase = true
            default: throw failure("the flag '\(name)' is not supported")
            }
        }
        position = close + 1
    }

    private mutating func choice() throws(GrammarError) -> RegexSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= RegexParser.depthMax else { throw failure("groups nest deeper than \(RegexParser.depthMax)") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(GrammarError) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            let part = try atom()
            parts.append(try quantified(part))
        }
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func atom() throws(GrammarError) -> RegexSyntax {
        let scalar = scalars[position]
        position += 1
        switch scalar {
        case "^": return .textStart
        case "$": return .textEnd
        case ".": return .set(dot)
        case "(": return try group()
        case "[": return .set(cased(try bracket()))
        case "\\": return try escape()
        case "*", "+", "?":
            position -= 1
            throw failure("'\(scalar)' with nothing before it to repeat")
        default: return .set(cased(ScalarSet(scalar.value)))
        }
    }

    private func cased(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.ignoringCase : set }

    private mutating func group() throws(GrammarError) -> RegexSyntax {
        if follows("?=") || follows("?!") { throw failure("lookahead is not supported") }
        if follows("?<=") || follows("?<!") { throw failure("lookbehind is not supported") }
        if follows("?:") {
            position += 2
        } else if follows("?<") || follows("?P<") {
            guard let end = scalars[position...].firstIndex(of: ">") else { throw failure("a name without its '>'") }
            position = end + 1
        } else if follows("?") {
            throw failure("this kind of group is not supported")
        }
        let inner = try choice()
        guard take(")") else { throw failure("a '(' without its ')'") }
        return inner
    }

    // MARK: quantifiers

    private mutating func quantified(_ part: RegexSyntax) throws(GrammarError) -> RegexSyntax {
        var part = part
        while let (min, max) = try quantifier() {
            switch part {
            case .textStart, .textEnd: throw failure("'^' and '$' cannot be repeated")
            default: part = .repeated(part, min: min, max: max)
            }
            _ = take("?")
            if current == "+" { throw failure("possessive quantifiers are not supported") }
        }
        return part
    }

    private mutating func quantifier() throws(GrammarError) -> (min: Int, max: Int?)? {
        switch current {
        case "*":
            position += 1
            return (0, nil)
        case "+":
            position += 1
            return (1, nil)
        case "?":
            position += 1
            return (0, 1)
        case "{":
            let start = position
            position += 1
            if let counts = try counts() { return counts }
            // Not a quantifier, but the character: ECMAScript, annex B.
            position = start
            guard let next = scalars.dropFirst(start + 1).first, next.properties.numericType == nil else {
                throw failure("a '{' that is no quantifier")
            }
            return nil
        default: return nil
        }
    }

    private mutating func counts() throws(GrammarError) -> (min: Int, max: Int?)? {
        guard let min = try number() else { return nil }
        if take("}") { return (min, min) }
        guard take(",") else { return nil }
        if take("}") { return (min, nil) }
        guard let max = try number(), take("}") else { return nil }
        guard min <= max else { throw failure("a quantifier whose bounds are in the wrong order") }
        return (min, max)
    }

    private mutating func number() throws(GrammarError) -> Int? {
        var value: Int?
        while let digit = current, ("0"..."9").contains(digit) {
            value = (value ?? 0) * 10 + Int(digit.value - 48)
            guard value! <= RegexParser.repetitionMax else {
                throw .limitExceeded(what: "repetitions in a regular expression", limit: RegexParser.repetitionMax)
            }
            position += 1
        }
        return value
    }

    // MARK: classes and escapes

    private mutating func bracket() throws(GrammarError) -> ScalarSet {
        let isNegated = take("^")
        var result = ScalarSet.none
        while let scalar = current, scalar != "]" {
            let low = try member()
            // A range needs a character on both sides; elsewhere '-' is itself.
            guard current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                result = result.union(low)
                continue
            }
            let dash = position
            position += 1
            let high = try member()
            if let first = low.single, let last = high.single {
                guard first <= last else {
                    position = dash
                    throw failure("a range whose ends are in the wrong order")
                }
                result = result.union(ScalarSet([first...last]))
            } else {
                result = result.union(low).union(high).union(ScalarSet(0x2D))
            }
        }
        guard take("]") else { throw failure("a '[' without its ']'") }
        if ignoresCase { result = result.ignoringCase }
        return isNegated ? result.complement : result
    }

    private mutating func member() throws(GrammarError) -> ScalarSet {
        guard let scalar = current else { throw failure("a '[' without its ']'") }
        position += 1
        guard scalar == "\\" else { return ScalarSet(scalar.value) }
        if take("b") { return ScalarSet(0x08) }
        if take("-") { return ScalarSet(0x2D) }
        return try escapedSet()
    }

    private mutating func escape() throws(GrammarError) -> RegexSyntax {
        switch current {
        case "b", "B": throw failure("word boundaries are not supported")
        case "A":
            position += 1
            return .textStart
        case "z", "Z":
            position += 1
            return .textEnd
        case "1", "2", "3", "4", "5", "6", "7", "8", "9": throw failure("references to groups are not supported")
        case "k": throw failure("references to groups are not supported")
        default: return .set(cased(try escapedSet()))
        }
    }

    private mutating func escapedSet() throws(GrammarError) -> ScalarSet {
        guard let scalar = current else { throw failure("a '\\' at the end") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet.digits.complement
        case "w": return .word
        case "W": return ScalarSet.word.complement
        case "s": return .space
        case "S": return ScalarSet.space.complement
        case "n": return ScalarSet(0x0A)
        case "r": return ScalarSet(0x0D)
        case "t": return ScalarSet(0x09)
        case "f": return ScalarSet(0x0C)
        case "v": return ScalarSet(0x0B)
        case "0": return ScalarSet(0)
        case "c":
            guard let letter = current, letter.isASCII, letter.properties.isAlphabetic else {
                throw failure("a '\\c' without its letter")
            }
            position += 1
            return ScalarSet(letter.value & 31)
        case "x": return ScalarSet(try hexadecimal(2))
        case "u":
            if take("{") {
                guard let end = scalars[position...].firstIndex(of: "}"), (1...6).contains(end - position) else {
                    throw failure("a '\\u{' without its digits and '}'")
                }
                let value = try hexadecimal(end - position)
                position = end + 1
                return ScalarSet(value)
            }
            let unit = try hexadecimal(4)
            if (0xD800..<0xDC00).contains(unit), follows("\\u") {
                position += 2
                let low = try hexadecimal(4)
                guard (0xDC00..<0xE000).contains(low) else { throw failure("half a surrogate pair") }
                return ScalarSet(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            }
            return ScalarSet(unit)
        case "p", "P": throw failure("'\\\(scalar)' (Unicode properties) is not supported")
        default:
            if scalar.isASCII, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                throw failure("'\\\(scalar)' is not known")
            }
            return ScalarSet(scalar.value)
        }
    }

    private mutating func hexadecimal(_ digits: Int) throws(GrammarError) -> UInt32 {
        guard position + digits <= scalars.count else { throw failure("too few hexadecimal digits") }
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = Character(scalars[position]).hexDigitValue else {
                throw failure("expected a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard value <= ScalarSet.last else { throw failure("beyond U+10FFFF") }
        return value
    }
}

extension ScalarSet {
    fileprivate var single: UInt32? {
        guard ranges.count == 1, ranges[0].count == 1 else { return nil }
        return ranges[0].lowerBound
    }
}
