/// Bank and credit cards (ISO/IEC 7812): an issuer's number, a length and Luhn's check digit.
enum PaymentCard {
    static func recognize(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        guard number.digits.count >= 12 else { return nil }
        var doubtful: Finding?
        for last in number.groups.indices.reversed() {
            let count = number.groups[last].digitsSoFar
            guard (12...19).contains(count), isGrouping(number, last), number.isUniform(upTo: last) else { continue }
            let range = number.groups[0].start..<number.groups[last].end
            guard text.mayBeginNumber(at: range.lowerBound, isGrouped: last > 0),
                text.mayEndNumber(at: range.upperBound, isGrouped: last > 0), !isMonotonous(number.digits[..<count])
            else { continue }
            let isAlone = last == 0 || isAlone(range, in: text)
            guard isAlone && CardIssuer.isKnown(number.digits, count: count) || text.contexts.isBeside(range, .card)
            else {
                continue
            }
            if number.passesLuhn(count: count) {
                return Finding(kind: .bankCard, range: range, confidence: .checked)
            }
            doubtful = doubtful ?? Finding(kind: .bankCard, range: range, confidence: .doubtful)
        }
        return doubtful
    }

    /// Cards are written in groups of four, in those of American Express and Diners (4-6-5, 4-6-4), or 6 and the rest;
    /// or digit by digit.
    private static func isGrouping(_ number: DigitGroups, _ last: Int) -> Bool {
        switch number.length(of: 0) {
        case 1: number.isDigitByDigit(upTo: last)
        case 4:
            number.hasLengths([4, 6, 5], to: last) || number.hasLengths([4, 6, 4], to: last)
                || number.length(of: last) <= 4 && (0..<last).allSatisfy { number.length(of: $0) == 4 }
        case 6: last <= 1
        default: last == 0
        }
    }

    /// Whether no further numbers stand beside it with spaces between, as in the row of a table.
    private static func isAlone(_ range: Range<Int>, in text: ScannedText) -> Bool {
        !(text[range.lowerBound - 1] == 0x20 && text[range.lowerBound - 2].isDigit)
            && !(text[range.upperBound] == 0x20 && text[range.upperBound + 1].isDigit)
    }

    private static func isMonotonous(_ digits: ArraySlice<UInt8>) -> Bool { digits.allSatisfy { $0 == digits[0] } }
}
