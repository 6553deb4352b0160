/// Chinese resident identity numbers (GB 11643): a region, a birth date, a serial number and, in the 18-digit form, a
/// check digit. Residence permits have the same form.
enum ResidentID {
    /// By the first two digits: those of provinces, of Hong Kong, Macau and Taiwan (81–83), of foreigners (9x).
    static let provinces: Set<Int> = [
        11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54,
        61, 62, 63, 64, 65, 71, 81, 82, 83, 91, 92, 93, 94, 95, 96,
    ]
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkCharacters = Array("10X98765432".utf8)

    static func recognize(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        long(number, in: text) ?? short(number, in: text)
    }

    private static func long(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        guard let (last, end, check) = lastPart(number, text), number.isUniform(upTo: last) else { return nil }
        let digits = number.digits
        let start = number.groups[0].start
        guard text.mayBeginNumber(at: start, isGrouped: last > 0), text.mayEndNumber(at: end, isGrouped: last > 0),
            isRegion(digits), isDate(year: value(digits[6..<10]), digits[10..<14])
        else { return nil }
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0) * $1.1 }
        let isRight = checkCharacters[sum % 11] == check
        return Finding(kind: .residentID, range: start..<end, confidence: isRight ? .checked : .doubtful)
    }

    /// The group with the last of 18 characters, where it ends, and the check character.
    private static func lastPart(_ number: DigitGroups, _ text: ScannedText) -> (Int, Int, UInt8)? {
        if let last = number.group(endingAt: 18) {
            return (last, number.groups[last].end, number.digits[17] + 0x30)
        }
        guard let last = number.group(endingAt: 17) else { return nil }
        let end = number.groups[last].end
        return text[end].uppercase == UInt8(ascii: "X") ? (last, end + 1, UInt8(ascii: "X")) : nil
    }

    /// The form of before 1999: the year has two digits and there is no check digit, so that a word must stand beside.
    private static func short(_ number: DigitGroups, in text: ScannedText) -> Finding? {
        guard let last = number.group(endingAt: 15), number.isUniform(upTo: last) else { return nil }
        let range = number.groups[0].start..<number.groups[last].end
        guard text.mayBeginNumber(at: range.lowerBound, isGrouped: last > 0),
            text.mayEndNumber(at: range.upperBound, isGrouped: last > 0),
            isRegion(number.digits), isDate(year: 1900 + value(number.digits[6..<8]), number.digits[8..<12])
        else { return nil }
        let isNamed = text.contexts.isBeside(range, .residentID)
        return Finding(kind: .residentID, range: range, confidence: isNamed ? .context : .doubtful)
    }

    private static func isRegion(_ digits: [UInt8]) -> Bool {
        provinces.contains(value(digits[0..<2])) && (value(digits[2..<4]) != 0 || digits[0] == 8)
    }

    /// - Parameter monthAndDay: four digits.
    private static func isDate(year: Int, _ monthAndDay: ArraySlice<UInt8>) -> Bool {
        let (month, day) = (value(monthAndDay.prefix(2)), value(monthAndDay.suffix(2)))
        guard (1890...2049).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    private static func value(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) } }
}
