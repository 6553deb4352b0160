/// Searching and cutting strings by code points. Everything works on UTF-8, where a search for whole characters is a
/// search for bytes.
extension String {
    /// Where `part` first lies at or after `start`, in bytes. Linear in both lengths, whatever they hold
    /// (Knuth, Morris, Pratt 1977).
    func firstRange(of part: String, from start: Int = 0) -> Range<Int>? {
        ranges(of: part, from: start, limit: 1).first
    }

    /// The places of `part` that do not overlap, from the left, in bytes. An empty `part` lies before each character
    /// and at the end.
    func ranges(of part: String, from start: Int = 0, limit: Int = .max) -> [Range<Int>] {
        var text = self
        var part = part
        return text.withUTF8 { text in
            part.withUTF8 { part in
                guard limit > 0, start <= text.count else { return [] }
                guard !part.isEmpty else { return characterBoundaries(text, from: start, limit: limit) }
                guard part.count <= text.count - start else { return [] }
                var border = [Int](repeating: 0, count: part.count)
                var length = 0
                for index in part.indices.dropFirst() {
                    while length > 0, part[index] != part[length] { length = border[length - 1] }
                    if part[index] == part[length] { length += 1 }
                    border[index] = length
                }
                var found: [Range<Int>] = []
                var matched = 0
                for index in start..<text.count {
                    while matched > 0, text[index] != part[matched] { matched = border[matched - 1] }
                    if text[index] == part[matched] { matched += 1 }
                    if matched == part.count {
                        found.append(index + 1 - matched..<index + 1)
                        if found.count == limit { break }
                        matched = 0
                    }
                }
                return found
            }
        }
    }

    private func characterBoundaries(_ text: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for index in start...text.count where index == text.count || text[index] & 0xC0 != 0x80 {
            found.append(index..<index)
            if found.count == limit { break }
        }
        return found
    }

    /// A part given by byte offsets that lie on character boundaries.
    func bytes(_ range: Range<Int>) -> String {
        let view = utf8
        let start = view.index(view.startIndex, offsetBy: range.lowerBound)
        return String(self[start..<view.index(start, offsetBy: range.count)])
    }

    /// The pieces between `ranges`.
    func pieces(between ranges: [Range<Int>]) -> [String] {
        var pieces: [String] = []
        var start = 0
        for range in ranges {
            pieces.append(bytes(start..<range.lowerBound))
            start = range.upperBound
        }
        pieces.append(bytes(start..<utf8.count))
        return pieces
    }

    /// `str.replace`; the caller has charged for the result.
    func replacing(_ ranges: [Range<Int>], with replacement: String) -> String {
        pieces(between: ranges).joined(separator: replacement)
    }

    /// `str.strip`, `lstrip`, `rstrip`: takes white space, or the given characters, off the ends.
    func stripped(of characters: String?, left: Bool = true, right: Bool = true) -> String {
        let set = characters.map { Set($0.unicodeScalars) }
        func goes(_ scalar: Unicode.Scalar) -> Bool { set?.contains(scalar) ?? scalar.isPythonSpace }
        var scalars = Substring(self).unicodeScalars
        if left { scalars = scalars.drop(while: goes) }
        if right {
            scalars = scalars[..<(scalars.lastIndex { !goes($0) }.map(scalars.index(after:)) ?? scalars.startIndex)]
        }
        return String(Substring(scalars))
    }

    /// `str.split()` without a separator: the words between runs of white space, at most `limit` cuts from the left.
    func words(limit: Int = .max) -> [String] {
        var words: [String] = []
        var rest = Substring(self).unicodeScalars
        while true {
            rest = rest.drop(while: \.isPythonSpace)
            guard !rest.isEmpty else { return words }
            if words.count == limit {
                words.append(String(Substring(rest)))
                return words
            }
            let end = rest.firstIndex(where: \.isPythonSpace) ?? rest.endIndex
            words.append(String(Substring(rest[..<end])))
            rest = rest[end...]
        }
    }

    /// `str.splitlines()`
    func lines(keepingEnds: Bool = false) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var previous: Unicode.Scalar = " "
        var open = false
        for scalar in unicodeScalars {
            defer { previous = scalar }
            if scalar == "\n", previous == "\r", !open {
                if keepingEnds { lines[lines.count - 1].unicodeScalars.append(scalar) }
                continue
            }
            switch scalar.value {
            case 0x0A...0x0D, 0x1C...0x1E, 0x85, 0x2028, 0x2029:
                if keepingEnds { line.append(scalar) }
                lines.append(String(line))
                line = String.UnicodeScalarView()
                open = false
            default:
                line.append(scalar)
                open = true
            }
        }
        if open { lines.append(String(line)) }
        return lines
    }

    /// `str.title()`: a capital after every character that has no case.
    var pythonTitle: String {
        var result = ""
        var afterCased = false
        for scalar in unicodeScalars {
            result += afterCased ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
            afterCased = scalar.isCased
        }
        return result
    }

    var pythonCapitalized: String {
        guard let first = unicodeScalars.first else { return self }
        return first.properties.titlecaseMapping + String(unicodeScalars.dropFirst()).lowercased()
    }
}
