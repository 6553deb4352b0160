/// One piece of a template: text outside of tags, the tags themselves, and the words inside.
struct Token: Sendable {
    enum Kind: Sendable, Equatable {
        case text(String)
        case variableBegin, variableEnd, blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case float(Double)
        case symbol(String)
        case end
    }

    var kind: Kind
    var line: Int
}

/// Splits a template's source as Jinja does with `trim_blocks` and `lstrip_blocks` on and `keep_trailing_newline` off
/// (https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control).
struct Lexer {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var line = 1
    private var tokens: [Token] = []
    /// Whether the last tag took the newline before `position` with it.
    private var lineStarting = true

    private enum Tag { case variable, block }

    static func tokens(of source: String) throws(TemplateError) -> [Token] {
        var lexer = Lexer(source)
        return try lexer.run()
    }

    private init(_ text: String) {
        var scalars: [Unicode.Scalar] = []
        var iterator = text.unicodeScalars.makeIterator()
        var previous: Unicode.Scalar = " "
        while let scalar = iterator.next() {
            switch scalar {
            case "\r": scalars.append("\n")
            case "\n" where previous == "\r": break
            default: scalars.append(scalar)
            }
            previous = scalar
        }
        if scalars.last == "\n" { scalars.removeLast() }
        source = scalars
    }

    private mutating func run() throws(TemplateError) -> [Token] {
        while position < source.count {
            guard let start = nextTag() else {
                emitText(source[position...])
                advance(to: source.count)
                break
            }
            let opener = source[start + 1]
            let sign = start + 2 < source.count ? source[start + 2] : " "
            emitText(stripped(source[position..<start], sign: sign, isVariable: opener == "{"))
            advance(to: start + 2 + (sign == "-" || sign == "+" ? 1 : 0))
            switch opener {
            case "#": try comment()
            case "{": try tag(.variable)
            default:
                if try !raw() { try tag(.block) }
            }
        }
        tokens.append(Token(kind: .end, line: line))
        return tokens
    }

    private func nextTag() -> Int? {
        var index = position
        while index + 1 < source.count {
            if source[index] == "{", source[index + 1] == "{" || source[index + 1] == "%" || source[index + 1] == "#" {
                return index
            }
            index += 1
        }
        return nil
    }

    /// The text before a tag without the white space that the tag's sign or `lstrip_blocks` takes.
    private func stripped(_ text: ArraySlice<Unicode.Scalar>, sign: Unicode.Scalar, isVariable: Bool)
        -> ArraySlice<Unicode.Scalar>
    {
        var text = text
        if sign == "-" {
            while let last = text.last, last.isPythonSpace { text.removeLast() }
        } else if sign != "+", !isVariable {
            let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? text.startIndex
            if lineStart > text.startIndex || lineStarting, text[lineStart...].allSatisfy(\.isPythonSpace) {
                text = text[..<lineStart]
            }
        }
        return text
    }

    private mutating func emitText(_ text: ArraySlice<Unicode.Scalar>) {
        guard !text.isEmpty else { return }
        tokens.append(Token(kind: .text(String(text)), line: line))
    }

    private mutating func advance(to end: Int) {
        for index in position..<end where source[index] == "\n" { line += 1 }
        position = end
    }

    private func failure(_ problem: String) -> TemplateError { .syntax(line: line, problem: problem) }

    private func matches(_ text: String, at index: Int) -> Bool {
        var index = index
        for scalar in text.unicodeScalars {
            guard index < source.count, source[index] == scalar else { return false }
            index += 1
        }
        return true
    }

    private func skippingSpace(from index: Int) -> Int {
        var index = index
        while index < source.count, source[index].isPythonSpace { index += 1 }
        return index
    }

    /// The position after a closing tag at `index`, with the white space it takes; `nil` where there is none.
    private func closing(_ closer: String, at index: Int, trimsNewline: Bool) -> Int? {
        if matches("-" + closer, at: index) { return skippingSpace(from: index + 3) }
        if trimsNewline, matches("+" + closer, at: index) { return index + 3 }
        guard matches(closer, at: index) else { return nil }
        return trimsNewline && index + 2 < source.count && source[index + 2] == "\n" ? index + 3 : index + 2
    }

    private mutating func close(at end: Int) {
        lineStarting = source[end - 1] == "\n"
        advance(to: end)
    }

    private mutating func comment() throws(TemplateError) {
        var index = position
        while index < source.count {
            if let end = closing("#}", at: index, trimsNewline: true) { return close(at: end) }
            index += 1
        }
        throw failure("a comment is not closed")
    }

    /// Takes `{% raw %}…{% endraw %}` when that is what stands here.
    private mutating func raw() throws(TemplateError) -> Bool {
        var index = skippingSpace(from: position)
        guard matches("raw", at: index) else { return false }
        index = skippingSpace(from: index + 3)
        guard let start = closing("%}", at: index, trimsNewline: false) else { return false }
        advance(to: start)
        var begin = start
        while begin < source.count {
            if matches("{%", at: begin) {
                let sign = begin + 2 < source.count ? source[begin + 2] : " "
                var index = skippingSpace(from: begin + 2 + (sign == "-" || sign == "+" ? 1 : 0))
                if matches("endraw", at: index) {
                    index = skippingSpace(from: index + 6)
                    if let end = closing("%}", at: index, trimsNewline: true) {
                        lineStarting = false
                        emitText(stripped(source[start..<begin], sign: sign, isVariable: false))
                        close(at: end)
                        return true
                    }
                }
            }
            begin += 1
        }
        throw failure("a raw block is not closed")
    }

    private mutating func tag(_ tag: Tag) throws(TemplateError) {
        tokens.append(Token(kind: tag == .variable ? .variableBegin : .blockBegin, line: line))
        var open: [Unicode.Scalar] = []
        while true {
            advance(to: skippingSpace(from: position))
            guard position < source.count else { throw failure("a tag is not closed") }
            if open.isEmpty,
                let end = closing(tag == .variable ? "}}" : "%}", at: position, trimsNewline: tag == .block)
            {
                tokens.append(Token(kind: tag == .variable ? .variableEnd : .blockEnd, line: line))
                return close(at: end)
            }
            try word(open: &open)
        }
    }

    private mutating func word(open: inout [Unicode.Scalar]) throws(TemplateError) {
        let scalar = source[position]
        if scalar == "'" || scalar == "\"" { return try string(quote: scalar) }
        if scalar.isASCIIDigit { return try number() }
        if scalar == "_" || scalar.properties.isXIDStart {
            var end = position + 1
            while end < source.count, source[end].properties.isXIDContinue { end += 1 }
            tokens.append(Token(kind: .name(String(source[position..<end])), line: line))
            return advance(to: end)
        }
        for pair in ["**", "//", "==", "!=", ">=", "<="] where matches(pair, at: position) {
            tokens.append(Token(kind: .symbol(pair), line: line))
            return advance(to: position + 2)
        }
        switch scalar {
        case "(": open.append(")")
        case "[": open.append("]")
        case "{": open.append("}")
        case ")", "]", "}":
            guard open.popLast() == scalar else { throw failure("unexpected '\(scalar)'") }
        case "+", "-", "*", "/", "%", "~", "=", ".", ":", "|", ",", ";", "<", ">": break
        default: throw failure("unexpected character '\(scalar)'")
        }
        tokens.append(Token(kind: .symbol(String(scalar)), line: line))
        advance(to: position + 1)
    }

    private mutating func string(quote: Unicode.Scalar) throws(TemplateError) {
        var end = position + 1
        while end < source.count, source[end] != quote { end += source[end] == "\\" ? 2 : 1 }
        guard end < source.count else { throw failure("a string is not closed") }
        guard let text = unescaped(source[(position + 1)..<end]) else { throw failure("wrong escape in a string") }
        tokens.append(Token(kind: .string(text), line: line))
        advance(to: end + 1)
    }

    /// Python's string escapes. Unknown ones stay as they are.
    private func unescaped(_ text: ArraySlice<Unicode.Scalar>) -> String? {
        guard text.contains("\\") else { return String(text) }
        var result = String.UnicodeScalarView()
        var index = text.startIndex
        func code(_ digits: Int, radix: Int) -> Unicode.Scalar? {
            guard index + digits <= text.endIndex else { return nil }
            let digitText = String(text[index..<(index + digits)])
            guard let value = UInt32(digitText, radix: radix) else { return nil }
            index += digits
            return Unicode.Scalar(value)
        }
        while index < text.endIndex {
            let scalar = text[index]
            index += 1
            guard scalar == "\\", index < text.endIndex else {
                result.append(scalar)
                continue
            }
            let escape = text[index]
            index += 1
            switch escape {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "r": result.append("\r")
            case "a": result.append("\u{07}")
            case "b": result.append("\u{08}")
            case "f": result.append("\u{0C}")
            case "v": result.append("\u{0B}")
            case "\\", "'", "\"": result.append(escape)
            case "\n": break
            // Names of characters would need a table that nobody uses here.
            case "N": return nil
            case "x", "u", "U":
                guard let value = code(escape == "x" ? 2 : escape == "u" ? 4 : 8, radix: 16) else { return nil }
                result.append(value)
            case "0"..."7":
                var digits = 1
                while digits < 3, index - 1 + digits < text.endIndex, ("0"..."7").contains(text[index - 1 + digits]) {
                    digits += 1
                }
                index -= 1
                guard let value = code(digits, radix: 8) else { return nil }
                result.append(value)
            default:
                result.append("\\")
                result.append(escape)
            }
        }
        return String(result)
    }

    private mutating func number() throws(TemplateError) {
        var end = position
        if source[position] == "0", position + 1 < source.count,
            let radix = ["x": 16, "X": 16, "o": 8, "O": 8, "b": 2, "B": 2][source[position + 1]]
        {
            end += 2
            while end < source.count, source[end] == "_" || source[end].isASCIIAlphanumeric { end += 1 }
            let digits = String(source[(position + 2)..<end].filter { $0 != "_" })
            guard let value = Int(digits, radix: radix) else { throw failure("wrong or too large a number") }
            tokens.append(Token(kind: .integer(value), line: line))
            return advance(to: end)
        }
        func digits() {
            while end < source.count, source[end].isASCIIDigit || source[end] == "_" { end += 1 }
        }
        digits()
        var integral = true
        // `a.0.1` is two subscripts, not a subscript by 0.1.
        if position == 0 || source[position - 1] != "." {
            if end + 1 < source.count, source[end] == ".", source[end + 1].isASCIIDigit {
                integral = false
                end += 1
                digits()
            }
            if end < source.count, source[end] == "e" || source[end] == "E" {
                let signed = end + 1 < source.count && (source[end + 1] == "+" || source[end + 1] == "-")
                let first = end + (signed ? 2 : 1)
                if first < source.count, source[first].isASCIIDigit {
                    integral = false
                    end = first
                    digits()
                }
            }
        }
        let text = String(source[position..<end].filter { $0 != "_" })
        if integral, let value = Int(text) {
            tokens.append(Token(kind: .integer(value), line: line))
        } else if !integral, let value = Double(text) {
            tokens.append(Token(kind: .float(value), line: line))
        } else {
            throw failure("the number \(text) is too large")
        }
        advance(to: end)
    }
}
