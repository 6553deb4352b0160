/// The extension of a number: "x0135", "ext. 12", "转8001", "-8001".
enum PhoneExtension {
    private static let marks: [StaticString] = ["x", " x", " ext", "ext", " ext.", "ext."]

    /// Where the extension behind `end` ends; `end` where there is none.
    static func end(after end: Int, in text: ScannedText) -> Int {
        if text.han(at: end) == "转" { return digits(at: end + 3, in: text) ?? end }
        for mark in marks where text.has(mark, at: end) {
            let place = end + mark.utf8CodeUnitCount
            if let last = digits(at: text[place] == 0x20 ? place + 1 : place, in: text) { return last }
        }
        return end
    }

    /// One to five digits, and nothing that would go on.
    private static func digits(at start: Int, in text: ScannedText) -> Int? {
        let end = text.end(from: start, limit: 6) { $0.isDigit }
        return (1...5).contains(end - start) && !text[end].isWord ? end : nil
    }
}
