/// Social security numbers of the United States: area, group and serial number of 3, 2 and 4 digits.
enum SocialSecurityNumber {
    static func recognize(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        guard let last = number.group(endingAt: 9), last == 0 || (last == 2 && isGrouped(number)) else { return nil }
        let range = number.groups[0].start..<number.groups[last].end
        guard text.mayBeginNumber(at: range.lowerBound, isGrouped: last > 0),
            text.mayEndNumber(at: range.upperBound, isGrouped: last > 0), isIssued(number.digits)
        else { return nil }
        return Finding(kind: .socialSecurityNumber, range: range, confidence: confidence(number, range, text))
    }

    private static func isGrouped(_ number: DigitGroups) -> Bool {
        number.isUniform(upTo: 2) && number.length(of: 0) == 3 && number.length(of: 1) == 2
    }

    /// Nothing is issued with area 000, 666 or from 900 on, group 00 or serial number 0000.
    private static func isIssued(_ digits: [UInt8]) -> Bool {
        let area = digits[0..<3].reduce(0) { $0 * 10 + Int($1) }
        return area != 0 && area != 666 && area < 900 && digits[3..<5].contains { $0 != 0 }
            && digits[5..<9].contains { $0 != 0 }
    }

    private static func confidence(_ number: DigitGroups, _ range: Range<Int>, _ text: ScannedText) -> Confidence {
        if text.contexts.isBeside(range, .socialSecurity) { return .context }
        guard number.groups.count == 3 else { return .doubtful }
        if number.groups[1].separator == .hyphen { return .form }
        // With spaces it may be a row of amounts; those do not begin with a zero.
        let beginsWithZero = number.digits[0] == 0 || number.digits[3] == 0 || number.digits[5] == 0
        let isAlone = !(text[range.lowerBound - 1] == 0x20 && text[range.lowerBound - 2].isDigit)
        return beginsWithZero && isAlone ? .form : .doubtful
    }
}
