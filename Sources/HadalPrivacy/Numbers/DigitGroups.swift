/// A number as people write it: runs of digits with single separators between them.
struct DigitGroups {
    enum Separator { case none, space, hyphen, dot, bracket }

    struct Group {
        let start: Int
        let end: Int
        /// What stands between it and the group before.
        let separator: Separator
        /// Digits of this group and those before.
        let digitsSoFar: Int
    }

    /// Numbers with more digits than this are none of ours; reading stops there.
    static let digitLimit = 24

    /// Values from 0 to 9.
    private(set) var digits: [UInt8] = []
    private(set) var groups: [Group] = []

    init() {
        digits.reserveCapacity(Self.digitLimit)
        groups.reserveCapacity(Self.digitLimit)
    }

    /// Reads on from the digit at `start`; what was read before is forgotten.
    mutating func read(_ text: ScannedText, from start: Int) {
        digits.removeAll(keepingCapacity: true)
        groups.removeAll(keepingCapacity: true)
        var place = start
        var separator = Separator.none
        while true {
            let end = text.end(from: place, limit: Self.digitLimit + 1) { $0.isDigit }
            guard digits.count + end - place <= Self.digitLimit else { return }
            for offset in place..<end { digits.append(text[offset] - 0x30) }
            groups.append(Group(start: place, end: end, separator: separator, digitsSoFar: digits.count))
            guard let next = Self.separator(in: text, at: end) else { return }
            (separator, place) = next
        }
    }

    /// The separator at `place` and where the digit after it stands.
    private static func separator(in text: ScannedText, at place: Int) -> (Separator, Int)? {
        let (first, second) = (text[place], text[place + 1])
        switch first {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."):
            if second.isDigit {
                return (first == 0x20 ? .space : first == UInt8(ascii: "-") ? .hyphen : .dot, place + 1)
            }
            return second == UInt8(ascii: "(") && text[place + 2].isDigit ? (.bracket, place + 2) : nil
        case UInt8(ascii: "("):
            return second.isDigit ? (.bracket, place + 1) : nil
        case UInt8(ascii: ")"):
            if second.isDigit { return (.bracket, place + 1) }
            let isJoined = second == UInt8(ascii: " ") || second == UInt8(ascii: "-")
            return isJoined && text[place + 2].isDigit ? (.bracket, place + 2) : nil
        default: return nil
        }
    }

    /// The group that ends with the digit number `count`; `nil` where none does.
    func group(endingAt count: Int) -> Int? { groups.firstIndex { $0.digitsSoFar == count } }

    /// Whether the groups up to `last` are joined by one kind of separator, one of `allowed`.
    func isUniform(upTo last: Int, by allowed: [Separator] = [.space, .hyphen]) -> Bool {
        guard last > 0 else { return true }
        let separator = groups[1].separator
        return allowed.contains(separator) && groups[1...last].allSatisfy { $0.separator == separator }
    }

    /// Whether the groups from `first` to `last` have these lengths.
    func hasLengths(_ lengths: [Int], from first: Int = 0, to last: Int) -> Bool {
        last - first + 1 == lengths.count && lengths.indices.allSatisfy { length(of: first + $0) == lengths[$0] }
    }

    /// Whether the number is written digit by digit, up to `last`.
    func isDigitByDigit(upTo last: Int) -> Bool { groups[last].digitsSoFar == last + 1 }

    /// How many digits group `index` has.
    func length(of index: Int) -> Int { groups[index].end - groups[index].start }

    /// Luhn's check over the first `count` digits, the last of them being the check digit.
    func passesLuhn(count: Int) -> Bool {
        var sum = 0
        for index in 0..<count {
            let digit = Int(digits[index])
            let isDoubled = (count - index) % 2 == 0
            sum += isDoubled ? digit * 2 - (digit > 4 ? 9 : 0) : digit
        }
        return sum % 10 == 0
    }
}
