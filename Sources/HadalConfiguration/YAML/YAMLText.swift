/// The text of a YAML file, prepared so that Yams never meets an anchor or an alias and never refuses a key that is there twice.
///
/// Yams puts an anchored value wherever its alias stands and hashes every mapping's keys, which takes forever where aliases of
/// aliases are used as keys. So each `*` gets a mark before it that makes an alias a plain text, and each `&` an exclamation
/// mark that makes an anchor a tag; `YAMLReader` resolves them within bounds. As neither stands without its mark in the
/// prepared text, taking the marks away again gives the text as it was.
struct YAMLText {
    /// Private-use characters are refused in files, so that these are ours.
    static let aliasMark: Unicode.Scalar = "\u{E000}"
    static let anchorMark: Unicode.Scalar = "!"
    private static let firstKeyMark: UInt32 = 0xE001
    /// Each takes another parsing, so that they are for files of a usual size.
    private static let keyMarksLimit = 20
    private static let keyMarksTextLimit = 64 << 10
    private static let privateUse: ClosedRange<Unicode.Scalar> = "\u{E000}"..."\u{F8FF}"

    private var scalars: [Unicode.Scalar] = []
    /// Positions in `scalars` that we put there, ascending.
    private var inserted: Set<Int> = []
    private var lineStarts = [0]
    private var keyMarks = 0

    /// - Parameter text: without forbidden characters (`YAMLBytes`).
    init(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "*": insert(Self.aliasMark)
            case "&": insert(Self.anchorMark)
            default: break
            }
            append(scalar)
        }
    }

    private mutating func insert(_ mark: Unicode.Scalar) {
        inserted.insert(scalars.count)
        scalars.append(mark)
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        scalars.append(scalar)
        switch scalar {
        // A line feed after a carriage return belongs to the same break.
        case "\n" where scalars.count > 1 && scalars[scalars.count - 2] == "\r":
            lineStarts[lineStarts.count - 1] = scalars.count
        case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lineStarts.append(scalars.count)
        default: break
        }
    }

    /// What Yams reads.
    var text: String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    /// A private-use character, which would be taken for one of our marks.
    static func isReserved(_ scalar: Unicode.Scalar) -> Bool { privateUse.contains(scalar) }

    /// The column in the file of a place in the prepared text; both counted from 1.
    func column(line: Int, column: Int) -> Int {
        guard let index = index(line: line, column: column) else { return column }
        return column - (lineStarts[line - 1]..<index).count { inserted.contains($0) }
    }

    /// The character there, nil at the end of the text.
    func scalar(line: Int, column: Int) -> Unicode.Scalar? {
        guard let index = index(line: line, column: column), index < scalars.count else { return nil }
        return scalars[index]
    }

    private func index(line: Int, column: Int) -> Int? {
        guard lineStarts.indices.contains(line - 1), column > 0 else { return nil }
        let index = lineStarts[line - 1] + column - 1
        return index <= scalars.count ? index : nil
    }

    /// Makes the key at a place differ from another of the same name.
    /// - Returns: whether that was possible.
    mutating func markKey(line: Int, column: Int) -> Bool {
        guard keyMarks < Self.keyMarksLimit, scalars.count <= Self.keyMarksTextLimit,
            let mark = Unicode.Scalar(Self.firstKeyMark + UInt32(keyMarks)),
            var index = index(line: line, column: column), index < scalars.count
        else { return false }
        switch scalars[index] {
        case "\"", "'": index += 1
        case "!", "?", "|", ">": return false
        default: break
        }
        keyMarks += 1
        scalars.insert(mark, at: index)
        inserted = Set(inserted.map { $0 >= index ? $0 + 1 : $0 }).union([index])
        for later in lineStarts.indices where lineStarts[later] > index { lineStarts[later] += 1 }
        return true
    }

    /// A text of the prepared file as it is in the file.
    static func restored(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == "*" || $0 == "&" }) else { return text }
        var restored = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let mark: Unicode.Scalar? = scalar == "*" ? aliasMark : scalar == "&" ? anchorMark : nil
            if let mark, restored.last == mark { restored.removeLast() }
            restored.append(scalar)
        }
        return String(restored)
    }

    /// A key without what `markKey` gave it.
    static func withoutKeyMark(_ key: String) -> String {
        guard let first = key.unicodeScalars.first, (firstKeyMark...0xF8FF).contains(first.value) else { return key }
        return String(key.unicodeScalars.dropFirst())
    }
}
