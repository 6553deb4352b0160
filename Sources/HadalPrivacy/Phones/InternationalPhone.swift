/// Numbers with a country's calling code (ITU-T E.164).
enum InternationalPhone {
    /// Calling codes of one and two digits; all others that begin alike have three.
    private static let short: Set<Int> = [
        1, 7, 20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57, 58,
        60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98,
    ]
    /// The first two digits of those with three.
    private static let long: Set<Int> = [
        21, 22, 23, 24, 25, 26, 29, 35, 37, 38, 42, 50, 59, 67, 68, 69, 80, 85, 88, 96, 97, 99,
    ]

    /// - Parameter prefix: how many digits stand before the calling code (2 for "00").
    /// - Returns: the group the number ends with; the longest that may be a number of the country.
    static func lastGroup(_ number: DigitGroups, prefix: Int) -> Int? {
        let digits = number.digits[prefix...]
        guard let code = codeLength(digits) else { return nil }
        let country = digits.prefix(code).reduce(0) { $0 * 10 + Int($1) }
        if country == 86 {
            return ChinesePhone.mobile(number, prefix: prefix + 2) ?? ChinesePhone.fixed(number, prefix: prefix + 2)
        }
        if country == 1 { return NorthAmericanPhone.lastGroup(number, prefix: prefix + 1) }
        // Fifteen digits, and perhaps the zero of the national form: "+41 (0)96 …".
        return number.groups.lastIndex { (8...16).contains($0.digitsSoFar - prefix) }
    }

    private static func codeLength(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.count >= 3, let first = digits.first, first != 0 else { return nil }
        if first == 1 || first == 7 { return 1 }
        let two = digits.prefix(2).reduce(0) { $0 * 10 + Int($1) }
        return short.contains(two) ? 2 : long.contains(two) ? 3 : nil
    }
}
