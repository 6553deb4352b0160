/// From where on the end of a text is undecided, because what follows may make something of it that is to be found.
enum OpenEnd {
    /// What was undecided for so many bytes is decided as it stands.
    static let limit = 4096

    static func start(in text: ScannedText) -> Int {
        let token = characters(before: token(in: text), in: text)
        return max(text.count - limit, min(token, value(in: text), key(in: text)))
    }

    /// The last word, and the groups of digits before it that may be of one number with it.
    private static func token(in text: ScannedText) -> Int {
        var start = wordStart(before: text.count, in: text)
        while start > 1, text[start - 1] == 0x20 {
            let previous = wordStart(before: start - 1, in: text)
            guard previous < start - 1, isGroup(previous..<start - 1, in: text) else { break }
            start = previous
        }
        return start
    }

    private static func wordStart(before end: Int, in text: ScannedText) -> Int {
        var start = end
        while start > 0 {
            if text[start - 1].isGraph {
                start -= 1
            } else if text[start - 2] == 0xC2, text[start - 1] == 0xB7 {
                start -= 2  // The point of a plate.
            } else {
                break
            }
        }
        return start
    }

    /// Digits, or a few letters behind a group with digits (GB82 WEST 1234).
    private static func isGroup(_ range: Range<Int>, in text: ScannedText) -> Bool {
        if range.contains(where: { text[$0].isDigit }) { return true }
        guard range.count <= 4, text[range.lowerBound - 1] == 0x20 else { return false }
        let before = wordStart(before: range.lowerBound - 1, in: text)..<range.lowerBound - 1
        return before.contains { text[$0].isDigit }
    }

    /// Up to six Chinese characters before `end`: a name, which "先生" may follow; a province, which a plate.
    private static func characters(before end: Int, in text: ScannedText) -> Int {
        var start = end
        while end - start < 18, text.han(at: start - 3) != nil { start -= 3 }
        return start
    }

    /// A word that a name or an address follows that has not ended.
    private static func value(in text: ScannedText) -> Int {
        var start = text.count
        for hit in text.contexts.hits.reversed() where text.count - hit.end <= ChineseAddress.lengthLimit {
            let isOpen =
                !hit.kind.isDisjoint(with: [.address, .region])
                ? ChineseAddress.mayGoOn(from: hit.end, in: text)
                : !hit.kind.isDisjoint(with: [.name, .person]) && text.count - hit.end <= ChineseName.reach
            if isOpen { start = hit.start }
        }
        return start
    }

    /// A private key whose end has not come.
    private static func key(in text: ScannedText) -> Int {
        var place = text.count - 5
        while place >= max(0, text.count - limit) {
            if text[place] == UInt8(ascii: "-") {
                if text.has("-----begin", at: place) { return place }
                if text.has("-----end ", at: place), PrivateKeyText.closingEnd(at: place, in: text) != nil { break }
            }
            place -= 1
        }
        return text.count
    }
}
