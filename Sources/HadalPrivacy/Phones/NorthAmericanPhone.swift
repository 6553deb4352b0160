/// Numbers of the North American plan: area code, exchange, and four digits.
enum NorthAmericanPhone {
    static func match(_ number: DigitGroups, _ context: PhoneContext) -> PhoneNumber.Match? {
        let prefix = number.digits[0] == 1 && number.length(of: 0) != 3 ? 1 : 0
        guard let last = lastGroup(number, prefix: prefix), number.digits[prefix + 3] > 1 else { return nil }
        if context.isNear { return PhoneNumber.Match(last: last, confidence: .context) }
        // "415-555-0132", "(415) 555-0132"; with spaces or without anything it may be any other number.
        let separators = number.groups[...last].suffix(2).map(\.separator)
        let isGrouped = number.groups[...last].suffix(3).map { $0.end - $0.start } == [3, 3, 4]
        let isTelling =
            separators == [.hyphen, .hyphen] || separators == [.dot, .dot] || separators == [.bracket, .hyphen]
        return isGrouped && isTelling ? PhoneNumber.Match(last: last, confidence: .form) : nil
    }

    /// The group a number ends with whose area code begins after `prefix` digits.
    static func lastGroup(_ number: DigitGroups, prefix: Int) -> Int? {
        guard let last = number.group(endingAt: prefix + 10) else { return nil }
        return number.digits[prefix] > 1 ? last : nil
    }
}
