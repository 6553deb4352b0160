/// Private keys in PEM (RFC 7468), whole or cut off.
enum PrivateKeyText {
    private static let dashes: StaticString = "-----"

    /// - Parameter start: where the first of five hyphens stands.
    static func recognize(at start: Int, in text: ScannedText) -> Finding? {
        guard text.has("-----begin ", at: start) else { return nil }
        let title = text.end(from: start + 11, limit: 40) { $0.isUpper || $0.isDigit || $0 == 0x20 }
        guard text.has("private key", at: title - 11) || text.has("private key block", at: title - 17),
            text.has(dashes, at: title)
        else { return nil }
        let end = end(ofBody: title + 5, in: text)
        guard end > title + 5 else { return nil }
        return Finding(kind: .secret, range: start..<end, confidence: .checked)
    }

    /// The closing line ends it; where there is none, the last of the words that look like base64.
    private static func end(ofBody start: Int, in text: ScannedText) -> Int {
        var place = start
        var last = start
        while place < text.count {
            let byte = text[place]
            if byte == UInt8(ascii: "-"), text.has(dashes, at: place) {
                return text.has("-----end ", at: place) ? closingEnd(at: place, in: text) ?? last : last
            }
            let word = text.end(from: place) {
                $0.isWord || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "=")
            }
            if word > place {
                if isKey(place..<word, text) { last = word }
                place = word
            } else if byte <= 0x20 || "\\:,-".utf8.contains(byte) {
                place += 1
            } else {
                return last
            }
        }
        return last
    }

    /// Longer than words are, or with something in it that words do not have.
    private static func isKey(_ word: Range<Int>, _ text: ScannedText) -> Bool {
        word.count > 20 || word.contains { !text[$0].isLetter }
    }

    /// Where the closing line that begins at `place` ends; `nil` where it is not whole.
    static func closingEnd(at place: Int, in text: ScannedText) -> Int? {
        let title = text.end(from: place + 5, limit: 40) { $0 != UInt8(ascii: "-") }
        return text.has(dashes, at: title) ? title + 5 : nil
    }
}
