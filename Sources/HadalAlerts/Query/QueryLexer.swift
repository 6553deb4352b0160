/// Cuts a query's text into pieces.
struct QueryLexer {
    private static let marks =
        ["=~", "!~", "!=", "==", ">=", "<=", "(", ")", "{", "}", "[", "]", ",", "=", "+", "-", "*", "/"]
        + [">", "<", "@", "%", "^"]
    /// In seconds, from long to short.
    private static let units: [(name: String, length: Double)] = [
        ("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("ms", 0.001), ("m", 60), ("s", 1),
    ]

    private let text: [Unicode.Scalar]
    private var position = 0

    private init(_ text: String) { self.text = Array(text.unicodeScalars) }

    /// All pieces, with `end` as the last one.
    static func tokens(_ text: String) throws(QueryProblem) -> [QueryToken] {
        var lexer = QueryLexer(text)
        var tokens: [QueryToken] = []
        repeat { tokens.append(try lexer.next()) } while tokens.last!.kind != .end
        return tokens
    }

    private var current: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func failure(_ problem: String, at place: Int) -> QueryProblem {
        QueryProblem(column: place + 1, problem: problem)
    }

    private mutating func next() throws(QueryProblem) -> QueryToken {
        while let character = current, character.properties.isWhitespace { position += 1 }
        let start = position
        func token(_ kind: QueryToken.Kind) -> QueryToken { QueryToken(kind: kind, column: start + 1) }
        guard let character = current else { return token(.end) }
        if character == "\"" || character == "'" { return token(.text(try quoted())) }
        if character.isDigit || character == "." && position + 1 < text.count && text[position + 1].isDigit {
            return token(try number())
        }
        if character.isNameStart {
            let name = take(while: \.isNamePart)
            switch name.lowercased() {
            case "inf": return token(.number(.infinity))
            case "nan": return token(.number(.nan))
            default: return token(.name(name))
            }
        }
        for mark in Self.marks where text[position...].starts(with: mark.unicodeScalars) {
            position += mark.count
            return token(.mark(mark))
        }
        throw failure("'\(character)' has no meaning here", at: start)
    }

    private mutating func take(while isPart: (Unicode.Scalar) -> Bool) -> String {
        let start = position
        while let character = current, isPart(character) { position += 1 }
        return String(String.UnicodeScalarView(text[start..<position]))
    }

    /// `0.05`, `1e-05`, `5m`, `1h30m`.
    private mutating func number() throws(QueryProblem) -> QueryToken.Kind {
        let start = position
        var digits = take { $0.isDigit || $0 == "." }
        if current == "e" || current == "E" {
            digits.append("e")
            position += 1
            if current == "+" || current == "-" {
                digits.unicodeScalars.append(text[position])
                position += 1
            }
            digits += take(while: \.isDigit)
        }
        guard current?.isNameStart == true else {
            guard let value = Double(digits) else { throw failure("'\(digits)' is no number", at: start) }
            return .number(value)
        }
        position = start
        return .duration(try duration())
    }

    private mutating func duration() throws(QueryProblem) -> Double {
        let start = position
        var (seconds, last) = (0.0, Double.infinity)
        while current?.isDigit == true {
            let count = Double(take(while: \.isDigit)) ?? .infinity
            guard let unit = Self.units.first(where: { text[position...].starts(with: $0.name.unicodeScalars) }),
                unit.length < last
            else { break }
            position += unit.name.count
            seconds += count * unit.length
            last = unit.length
        }
        guard seconds > 0, current?.isNamePart != true else {
            throw failure("a time is whole numbers with ms, s, m, h, d or w, such as 5m or 1h30m", at: start)
        }
        return seconds
    }

    private mutating func quoted() throws(QueryProblem) -> String {
        let (start, quote) = (position, text[position])
        position += 1
        var value = String.UnicodeScalarView()
        while let character = current {
            position += 1
            if character == quote { return String(value) }
            guard character == "\\" else {
                value.append(character)
                continue
            }
            guard let escaped = current else { break }
            position += 1
            switch escaped {
            case "n": value.append("\n")
            case "\\", "\"", "'": value.append(escaped)
            default: throw failure("there is no escape \\\(escaped); a backslash itself is \\\\", at: position - 2)
            }
        }
        throw failure("the text that begins here has no end: \(quote) is missing", at: start)
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
    fileprivate var isNameStart: Bool { isASCII && properties.isAlphabetic || self == "_" || self == ":" }
    fileprivate var isNamePart: Bool { isNameStart || isDigit }
}
