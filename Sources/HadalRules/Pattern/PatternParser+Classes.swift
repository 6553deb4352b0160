import HadalText

extension PatternParser {
    private static let posixAdvice = "write \\d, \\w, \\s or \\p{L}"

    /// From its '[' on.
    mutating func bracket() throws(PatternError) -> ScalarSet {
        position += 1
        let isNegated = take("^")
        var result = ScalarSet.none
        var isFirst = true
        while let scalar = current, scalar != "]" || isFirst {
            isFirst = false
            if follows("[:") { throw failure("POSIX classes are not supported", Self.posixAdvice) }
            if follows("&&") { throw failure("intersections of classes are not supported", "write '\\&' twice") }
            let low = try member()
            // A range needs a character on both sides; elsewhere '-' is itself.
            guard current == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                result = result.union(low)
                continue
            }
            position += 1
            let high = try member()
            guard let first = low.single, let last = high.single, first <= last else {
                throw failure(
                    "a range that goes from no character or to a smaller one", "write '\\-' for the character")
            }
            result = result.union(ScalarSet([first...last]))
        }
        guard take("]") else { throw failure("a '[' without its ']'", "write '\\[' for the character") }
        if flags.ignoresCase { result = result.ignoringCase }
        return isNegated ? result.complement : result
    }

    private mutating func member() throws(PatternError) -> ScalarSet {
        guard let scalar = current else { throw failure("a '[' without its ']'", "write '\\[' for the character") }
        if scalar == "\\" {
            if follows("\\b") {
                position += 2
                return ScalarSet(0x08)
            }
            guard case .set(let set) = try escape() else {
                throw failure("an anchor inside a class", "put it before or after the class")
            }
            return set
        }
        position += 1
        return ScalarSet(try folded(scalar))
    }

    /// A character as it is in normalised texts.
    func folded(_ scalar: Unicode.Scalar) throws(PatternError) -> UInt32 {
        guard scalar.value >= 0x80 else { return scalar.value }
        let normalised = NormalisedText(String(Character(scalar))).string.unicodeScalars
        guard let folded = normalised.first else {
            throw failure(
                "the invisible character U+\(String(scalar.value, radix: 16, uppercase: true)), which texts are freed of",
                "remove it")
        }
        return folded.value
    }

    /// From its backslash on.
    mutating func escape() throws(PatternError) -> PatternSyntax {
        guard position + 1 < scalars.count else {
            throw failure("a '\\' at the end", "write '\\\\' for the character")
        }
        let scalar = scalars[position + 1]
        if let refusal = refusal(of: scalar) { throw failure(refusal, "use several conditions, or write it out") }
        position += 2
        switch scalar {
        case "d": return .set(.digits)
        case "D": return .set(ScalarSet.digits.complement)
        case "w": return .set(.wordCharacters)
        case "W": return .set(ScalarSet.wordCharacters.complement)
        case "s": return .set(.space)
        case "S": return .set(ScalarSet.space.complement)
        case "b": return .assertion(.wordBoundary)
        case "B": return .assertion(.noWordBoundary)
        case "A": return .assertion(.textStart)
        case "z", "Z": return .assertion(.textEnd)
        case "n": return .set(ScalarSet(0x0A))
        case "r": return .set(ScalarSet(0x0D))
        case "t": return .set(ScalarSet(0x09))
        case "f": return .set(ScalarSet(0x0C))
        case "v": return .set(ScalarSet(0x0B))
        case "x": return .set(cased(ScalarSet(try code(digits: 2))))
        case "u": return .set(cased(ScalarSet(try code(digits: 4))))
        case "p": return .set(cased(try property()))
        case "P": return .set(cased(try property()).complement)
        default: return .set(cased(ScalarSet(try folded(scalar))))
        }
    }

    private func refusal(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "1"..."9", "k", "g": "back-references are not supported"
        case "d", "D", "w", "W", "s", "S", "b", "B", "A", "z", "Z", "n", "r", "t", "f", "v", "x", "u", "p", "P": nil
        case "a"..."z", "A"..."Z", "0"..."9": "the escape '\\\(scalar)' is not supported"
        default: nil
        }
    }

    private mutating func code(digits: Int) throws(PatternError) -> UInt32 {
        let start = position
        var text = ""
        if take("{") {
            while let scalar = current, scalar != "}", text.count < 8 {
                text.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw failure("a '{' without its '}'", "write \\x{4E00}") }
        } else {
            text.unicodeScalars.append(contentsOf: scalars[position...].prefix(digits))
            position += text.unicodeScalars.count
            if text.unicodeScalars.count < digits { text = "" }
        }
        guard let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value) else {
            position = start
            throw failure("this is no code of a character", "write \\x41, \\u4E00 or \\x{20000}")
        }
        return try folded(scalar)
    }

    private mutating func property() throws(PatternError) -> ScalarSet {
        let start = position
        var name = ""
        if take("{") {
            while let scalar = current, scalar != "}", name.count < 32 {
                name.unicodeScalars.append(scalar)
                position += 1
            }
            guard take("}") else { throw failure("a '{' without its '}'", "write \\p{Han}") }
        } else if let scalar = current {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        // As some write it: \p{Script=Han}, \p{IsHan}.
        for prefix in ["Script=", "sc=", "Is"] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
        guard let set = ScalarSet.named(name) else {
            position = start
            throw failure(
                "there is no property '\(name)'", "known are \(ScalarSet.names.joined(separator: ", "))")
        }
        return set
    }
}
