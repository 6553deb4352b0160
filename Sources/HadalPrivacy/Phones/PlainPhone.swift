/// Numbers of any country in its own form, which only a word beside them tells from other numbers.
enum PlainPhone {
    static func match(_ number: DigitGroups, _ context: PhoneContext) -> PhoneNumber.Match? {
        guard !context.isChinese, let last = number.groups.lastIndex(where: { (7...13).contains($0.digitsSoFar) }),
            looksRight(number, last, context.strength), !isDate(number, last), !isAddress(number, last)
        else { return nil }
        return PhoneNumber.Match(last: last, confidence: .context)
    }

    private static func looksRight(_ number: DigitGroups, _ last: Int, _ strength: PhoneContext.Strength) -> Bool {
        switch strength {
        case .none: false
        case .vague: last > 0 && number.digits[0] == 0
        case .weak: last > 0 || number.digits[0] == 0 || number.digits.count > 8
        case .strong: true
        }
    }

    /// 2015-12-22, 22.12.2015, 20151222.
    private static func isDate(_ number: DigitGroups, _ last: Int) -> Bool {
        guard number.groups[min(last, 2)].digitsSoFar == 8 else { return false }
        let lengths = (0...min(last, 2)).map(number.length)
        let digits = number.digits
        if lengths == [2, 2, 4] { return isCentury(digits[4], digits[5]) }
        return (lengths == [4, 2, 2] || lengths == [8]) && isCentury(digits[0], digits[1]) && digits[4] < 2
    }

    private static func isCentury(_ first: UInt8, _ second: UInt8) -> Bool {
        (first, second) == (1, 9) || (first, second) == (2, 0)
    }

    /// An IPv4 address.
    private static func isAddress(_ number: DigitGroups, _ last: Int) -> Bool {
        last == 3 && number.isUniform(upTo: last, by: [.dot]) && (0...3).allSatisfy { number.length(of: $0) <= 3 }
    }
}
