/// Telephone numbers: international, Chinese, North American, and any other form where a word says what it is.
enum PhoneNumber {
    /// How far a number reaches and what it rests on.
    struct Match {
        /// The last group of it.
        let last: Int
        let confidence: Confidence
    }

    static func recognize(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        guard number.digits.count >= 7 else { return nil }
        let first = number.groups[0].start
        let isPlus = text[first - 1] == UInt8(ascii: "+") && !text[first - 2].isWord
        var start = isPlus ? first - 1 : first
        guard let match = isPlus ? international(number) : national(number, from: start, in: text) else { return nil }
        let isBracketed = number.groups[...match.last].contains { $0.separator == .bracket }
        if isBracketed, text[start - 1] == UInt8(ascii: "(") { start -= 1 }
        var end = number.groups[match.last].end
        guard text.mayBeginNumber(at: start, isGrouped: match.last > 0),
            mayEnd(at: end, isGrouped: match.last > 0, in: text)
        else { return nil }
        end = PhoneExtension.end(after: end, in: text)
        return Finding(kind: .phone, range: start..<end, confidence: match.confidence)
    }

    private static func mayEnd(at end: Int, isGrouped: Bool, in text: ScannedText) -> Bool {
        PhoneExtension.end(after: end, in: text) > end || text.mayEndNumber(at: end, isGrouped: isGrouped)
    }

    private static func international(_ number: DigitGroups) -> Match? {
        if let last = InternationalPhone.lastGroup(number, prefix: 0) { return Match(last: last, confidence: .form) }
        return ChinesePhone.mobile(number, prefix: 0).map { Match(last: $0, confidence: .form) }
    }

    private static func national(_ number: DigitGroups, from start: Int, in text: ScannedText) -> Match? {
        if number.digits[0] == 0, number.digits[1] == 0 {
            return InternationalPhone.lastGroup(number, prefix: 2).map { Match(last: $0, confidence: .form) }
        }
        let context = PhoneContext(number, from: start, in: text)
        return ChinesePhone.match(number, context, in: text) ?? NorthAmericanPhone.match(number, context)
            ?? PlainPhone.match(number, context)
    }
}
