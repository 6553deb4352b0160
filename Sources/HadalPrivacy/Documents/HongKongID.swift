/// Hong Kong identity cards: one or two letters, six digits, and a check character that is mostly in brackets.
enum HongKongID {
    static func recognize(_ run: Range<Int>, in text: ScannedText) -> Finding? {
        guard (7...9).contains(run.count) else { return nil }
        let digits = text.end(from: run.lowerBound, limit: 2) { $0.isLetter }
        guard (1...2).contains(digits - run.lowerBound),
            text.end(from: digits, limit: 6, while: { $0.isDigit }) == digits + 6
        else { return nil }
        let isBracketed = digits + 6 == run.upperBound
        let place = isBracketed ? digits + 7 : digits + 6
        if isBracketed {
            guard text[place - 1] == UInt8(ascii: "("), text[place + 1] == UInt8(ascii: ")") else { return nil }
        }
        let end = isBracketed ? place + 2 : place + 1
        guard isBracketed || end == run.upperBound, let check = checkValue(text[place]) else { return nil }
        let range = run.lowerBound..<end
        let isRight = (sum(run.lowerBound..<digits + 6, text) + check) % 11 == 0
        let isTelling = isBracketed || text.contexts.isBeside(range, [.hongKongID, .residentID])
        return Finding(kind: .hongKongID, range: range, confidence: isRight && isTelling ? .checked : .doubtful)
    }

    private static func checkValue(_ byte: UInt8) -> Int? {
        byte.isDigit ? Int(byte) - 0x30 : byte.uppercase == UInt8(ascii: "A") ? 10 : nil
    }

    /// Weights from 2 on, from the right; where there is one letter only, a space (36) stands before it.
    private static func sum(_ range: Range<Int>, _ text: ScannedText) -> Int {
        var sum = range.count == 7 ? 36 * 9 : 0
        for place in range { sum += (text[place].base36 ?? 0) * (range.upperBound - place + 1) }
        return sum
    }
}
