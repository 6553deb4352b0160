/// IPv4 addresses and blocks: four numbers up to 255, and perhaps "/24".
enum IPv4Address {
    static func recognize(at start: Int, in text: ScannedText) -> Finding? {
        guard !text[start - 1].isWord, text[start - 1] != UInt8(ascii: "."), text[start - 1] != UInt8(ascii: "-"),
            let end = end(from: start, in: text)
        else { return nil }
        guard !text[end].isWord, text[end] != UInt8(ascii: "-") || !text[end + 1].isDigit,
            text[end] != UInt8(ascii: ".") || !text[end + 1].isWord
        else { return nil }
        let range = start..<NetworkBlock.end(after: end, bits: 32, in: text)
        let isVersion = text.contexts.before(start, .version, within: 12) != nil
        return Finding(kind: .ipAddress, range: range, confidence: isVersion ? .doubtful : .form)
    }

    /// Where four numbers from `start` on end.
    static func end(from start: Int, in text: ScannedText) -> Int? {
        var place = start
        for index in 0..<4 {
            if index > 0 {
                guard text[place] == UInt8(ascii: ".") else { return nil }
                place += 1
            }
            let end = text.end(from: place, limit: 4) { $0.isDigit }
            let value = (place..<end).reduce(0) { $0 * 10 + Int(text[$1]) - 0x30 }
            let hasZero = end - place > 1 && text[place] == UInt8(ascii: "0")
            guard (1...3).contains(end - place), value < 256, !hasZero else { return nil }
            place = end
        }
        return place
    }
}

/// The length of a network's prefix behind an address.
enum NetworkBlock {
    /// Where "/24" behind `end` ends; `end` where none or a longer one than `bits` stands there.
    static func end(after end: Int, bits: Int, in text: ScannedText) -> Int {
        guard text[end] == UInt8(ascii: "/") else { return end }
        let last = text.end(from: end + 1, limit: 4) { $0.isDigit }
        let value = (end + 1..<last).reduce(0) { $0 * 10 + Int(text[$1]) - 0x30 }
        return last > end + 1 && value <= bits && !text[last].isWord ? last : end
    }
}
