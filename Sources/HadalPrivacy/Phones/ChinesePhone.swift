/// Chinese mobile numbers (11 digits) and fixed lines (area code and 7 or 8 digits).
enum ChinesePhone {
    /// Second digit of a mobile number → third digits that networks use.
    private static let networks: [[UInt8]] = [
        [], [], [], Array(0...9), [0, 1, 4, 5, 6, 7, 8, 9], [0, 1, 2, 3, 5, 6, 7, 8, 9], [2, 5, 6, 7], Array(0...8),
        Array(0...9), [0, 1, 2, 3, 5, 6, 7, 8, 9],
    ]
    /// How the eleven digits of a mobile number are written in groups.
    private static let groupings: [[Int]] = [
        [11], [3, 4, 4], [3, 8], [7, 4], [3, 3, 5], [4, 3, 4], [4, 4, 3], [3, 5, 3],
    ]

    static func match(_ number: DigitGroups, _ context: PhoneContext, in text: ScannedText) -> PhoneNumber.Match? {
        let hasCode = number.digits[0] == 8 && number.digits[1] == 6
        if let last = mobile(number, prefix: 0) ?? (hasCode ? mobile(number, prefix: 2) : nil),
            context.isNear || !isAmount(after: number.groups[last].end, in: text)
        {
            return PhoneNumber.Match(last: last, confidence: context.isNear ? .context : .form)
        }
        if number.digits[0] == 0, let last = fixed(number, prefix: 0) {
            let separator = number.groups.count > 1 ? number.groups[1].separator : .none
            if context.isNear { return PhoneNumber.Match(last: last, confidence: .context) }
            let isTelling = last > 0 && (separator == .hyphen || separator == .bracket)
            return isTelling ? PhoneNumber.Match(last: last, confidence: .form) : nil
        }
        return local(number, context).map { PhoneNumber.Match(last: $0, confidence: .context) }
    }

    /// The group a mobile number ends with that begins after `prefix` digits.
    static func mobile(_ number: DigitGroups, prefix: Int) -> Int? {
        let digits = number.digits
        guard digits.count >= prefix + 11, digits[prefix] == 1,
            networks[Int(digits[prefix + 1])].contains(digits[prefix + 2]),
            let last = number.group(endingAt: prefix + 11)
        else { return nil }
        if prefix == 0, !number.isUniform(upTo: last, by: [.space, .hyphen, .dot]) { return nil }
        // The prefix has groups of its own, or is the beginning of the first.
        guard let first = number.groups.firstIndex(where: { $0.digitsSoFar > prefix }) else { return nil }
        if number.isDigitByDigit(upTo: last) { return last }
        if first == 0, prefix > 0 { return last == 0 ? last : nil }
        guard prefix == 0 || number.groups[first - 1].digitsSoFar == prefix else { return nil }
        return groupings.contains { number.hasLengths($0, from: first, to: last) } ? last : nil
    }

    /// The group a fixed line's number ends with; its area code begins after `prefix` digits, with or without its zero.
    static func fixed(_ number: DigitGroups, prefix: Int) -> Int? {
        let zero = number.digits.count > prefix && number.digits[prefix] == 0 ? 1 : 0
        let digits = number.digits[min(prefix + zero, number.digits.count)...]
        guard digits.count >= 9, let first = digits.first, let area = areaLength(digits) else { return nil }
        let subscriber = digits[digits.startIndex + area]
        guard subscriber > 1 else { return nil }
        let start = prefix + zero + area
        // Big cities have eight digits.
        for count in first < 3 ? [8] : [8, 7] { if let last = number.group(endingAt: start + count) { return last } }
        return nil
    }

    /// Without its zero: 10, 20 to 29, and of three digits 310 to 999.
    private static func areaLength(_ digits: ArraySlice<UInt8>) -> Int? {
        switch (digits[digits.startIndex], digits[digits.startIndex + 1]) {
        case (1, 0), (2, _): 2
        case (3...9, _): 3
        default: nil
        }
    }

    /// A number without area code, or a service number (400, 800), directly behind a Chinese word for telephone.
    private static func local(_ number: DigitGroups, _ context: PhoneContext) -> Int? {
        guard context.isChinese, number.digits[0] > 1 else { return nil }
        let isService = number.digits[0] % 4 == 0 && number.digits[1] == 0 && number.digits[2] == 0
        for count in isService ? [10] : [8, 7] {
            if let last = number.group(endingAt: count), number.isUniform(upTo: last) { return last }
        }
        return nil
    }

    private static let units = HanTable((1, "元万亿美吨米个人次股"))

    /// Whether a unit follows that makes an amount of it.
    private static func isAmount(after end: Int, in text: ScannedText) -> Bool {
        units.contains(text.han(at: text[end] == 0x20 ? end + 1 : end))
    }
}
