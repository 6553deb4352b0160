/// Chinese number plates: a province, a letter, and five characters; six with new energy; four and a character that
/// tells the use.
enum Plate {
    private static let provinces = HanTable((1, "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"))
    private static let uses = HanTable((1, "学警挂港澳试领使超"))

    /// - Parameter start: a Chinese character with a letter behind it.
    static func recognize(at start: Int, in text: ScannedText) -> Finding? {
        guard provinces.contains(text.han(at: start)), isPlain(text[start + 3]) else { return nil }
        let first = start + 4 + separatorLength(at: start + 4, in: text)
        let run = first..<text.end(from: first, limit: 7) { $0.isWord }
        let digits = run.count { text[$0].isDigit }
        let end: Int
        switch run.count {
        case 4 where digits >= 2:
            guard uses.contains(text.han(at: run.upperBound)) else { return nil }
            end = run.upperBound + 3
        case 5 where digits >= 3: end = run.upperBound
        case 6 where digits >= 4 && isNewEnergy(run, text): end = run.upperBound
        default: return nil
        }
        guard run.allSatisfy({ text[$0].isDigit || isPlain(text[$0]) }) else { return nil }
        return Finding(kind: .plate, range: start..<end, confidence: .form)
    }

    /// I and O are too much like digits.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetter && byte.uppercase != UInt8(ascii: "I") && byte.uppercase != UInt8(ascii: "O")
    }

    /// A letter first (small cars) or last (large ones).
    private static func isNewEnergy(_ run: Range<Int>, _ text: ScannedText) -> Bool {
        text[run.lowerBound].isLetter || text[run.upperBound - 1].isLetter
    }

    /// "·", "•", space, hyphen.
    private static func separatorLength(at place: Int, in text: ScannedText) -> Int {
        switch (text[place], text[place + 1], text[place + 2]) {
        case (0xC2, 0xB7, _): 2
        case (0xE2, 0x80, 0xA2): 3
        case (UInt8(ascii: " "), _, _), (UInt8(ascii: "-"), _, _), (UInt8(ascii: "."), _, _): 1
        default: 0
        }
    }
}
