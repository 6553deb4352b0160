/// E-mail addresses (the forms of RFC 5321 that are in use; ASCII).
enum EmailAddress {
    /// - Parameter sign: where the "@" stands.
    static func recognize(at sign: Int, in text: ScannedText) -> Finding? {
        var start = sign
        while start > 0, sign - start < 64, isLocal(text[start - 1]) { start -= 1 }
        while start < sign, !text[start].isWord { start += 1 }
        guard start < sign, text[sign - 1] != UInt8(ascii: "."), let end = domainEnd(from: sign + 1, in: text),
            !isRepository(start..<sign, end, text)
        else { return nil }
        return Finding(kind: .email, range: start..<end, confidence: .form)
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        byte.isWord || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "%")
            || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    /// Where a domain of at least two labels ends, the last of them without digits at its start.
    private static func domainEnd(from start: Int, in text: ScannedText) -> Int? {
        var labels = 0
        var place = start
        var end: Int?
        while place - start < 255 {
            let label = place..<text.end(from: place, limit: 64) { $0.isWord || $0 == UInt8(ascii: "-") }
            guard (1...63).contains(label.count), text[place] != UInt8(ascii: "-") else { break }
            labels += 1
            if labels > 1, label.count > 1, text[place].isLetter { end = label.upperBound }
            guard text[label.upperBound] == UInt8(ascii: ".") else { break }
            place = label.upperBound + 1
        }
        guard var last = end else { return nil }
        while text[last - 1] == UInt8(ascii: "-") { last -= 1 }
        return last
    }

    /// "git@host:path" names a repository.
    private static func isRepository(_ local: Range<Int>, _ end: Int, _ text: ScannedText) -> Bool {
        local.count == 3 && text.has("git", at: local.lowerBound) && text[end] == UInt8(ascii: ":")
    }
}
