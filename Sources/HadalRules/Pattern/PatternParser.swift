import HadalText

/// Why an expression cannot be used.
struct PatternError: Error, Hashable {
    /// Counted in characters from the beginning of the expression, from 1.
    var column: Int
    var problem: String
    var advice: String
}

/// Reads regular expressions: characters, classes, groups, alternatives, quantifiers, anchors, word boundaries, flags. What
/// cannot be done in linear time is refused by name.
struct PatternParser {
    static let depthLimit = 100
    static let repetitionLimit = 1000

    struct Flags {
        var ignoresCase = false
        var dotMatchesNewline = false
        var isMultiline = false
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags: Flags
    private var depth = 0

    static func parse(_ pattern: String, ignoresCase: Bool) throws(PatternError) -> PatternSyntax {
        var parser = PatternParser(scalars: Array(pattern.unicodeScalars), flags: Flags(ignoresCase: ignoresCase))
        let syntax = try parser.choice()
        guard parser.current == nil else {
            throw parser.failure("a ')' without its '('", "write '\\)' for the character")
        }
        return syntax
    }

    private init(scalars: [Unicode.Scalar], flags: Flags) {
        self.scalars = scalars
        self.flags = flags
    }

    var current: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    func failure(_ problem: String, _ advice: String) -> PatternError {
        PatternError(column: position + 1, problem: problem, advice: advice)
    }

    func follows(_ text: String) -> Bool { scalars[position...].starts(with: text.unicodeScalars) }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        position += 1
        return true
    }

    private mutating func choice() throws(PatternError) -> PatternSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else {
            throw failure("groups nest deeper than \(Self.depthLimit)", "write several rules")
        }
        // Flags that are set inside a group end with it.
        let outer = flags
        defer { flags = outer }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternSyntax {
        var parts: [PatternSyntax] = []
        while let scalar = current, scalar != "|", scalar != ")" {
            guard let part = try atom() else { continue }
            parts.append(try quantified(part))
        }
        return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
    }

    /// - Returns: nil for flags.
    private mutating func atom() throws(PatternError) -> PatternSyntax? {
        guard let scalar = current else { return nil }
        switch scalar {
        case "*", "+", "?":
            throw failure("'\(scalar)' with nothing before it to repeat", "write '\\\(scalar)' for the character")
        case "\\": return try escape()
        case "[": return .set(cased(try bracket()))
        case "(": return try group()
        default: break
        }
        position += 1
        switch scalar {
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case ".": return .set(flags.dotMatchesNewline ? .all : ScalarSet.newline.complement)
        default: return .set(cased(ScalarSet(try folded(scalar))))
        }
    }

    func cased(_ set: ScalarSet) -> ScalarSet { flags.ignoresCase ? set.ignoringCase : set }

    private mutating func group() throws(PatternError) -> PatternSyntax? {
        for (beginning, name) in [
            ("(?=", "lookahead"), ("(?!", "lookahead"), ("(?<=", "lookbehind"), ("(?<!", "lookbehind"),
            ("(?>", "an atomic group"), ("(?(", "a conditional group"), ("(?R", "recursion"), ("(?#", "a comment"),
        ] where follows(beginning) {
            throw failure("\(name) is not supported", "use 'all' and 'not' with several conditions")
        }
        position += 1
        let outer = flags
        if follows("?<") || follows("?P<") {
            guard let end = scalars[position...].firstIndex(of: ">") else {
                throw failure("a group's name without its '>'", "write (…)")
            }
            position = end + 1
        } else if take("?"), try !readFlags() {
            return nil
        }
        let inner = try choice()
        flags = outer
        guard take(")") else { throw failure("a '(' without its ')'", "write '\\(' for the character") }
        return inner
    }

    /// - Returns: whether a group follows; else the flags are for what comes after them.
    private mutating func readFlags() throws(PatternError) -> Bool {
        var isOn = true
        while let scalar = current {
            position += 1
            switch scalar {
            case ":": return true
            case ")": return false
            case "-": isOn = false
            case "i": flags.ignoresCase = isOn
            case "s": flags.dotMatchesNewline = isOn
            case "m": flags.isMultiline = isOn
            default:
                position -= 1
                throw failure("the flag '\(scalar)' is not supported", "known are i, s and m")
            }
        }
        throw failure("a '(?' without its ')'", "write (?i) or (?i:…)")
    }
}
