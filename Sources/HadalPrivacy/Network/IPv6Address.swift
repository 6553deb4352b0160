/// IPv6 addresses (RFC 4291) and blocks, with an embedded IPv4 address and a zone where they have one.
enum IPv6Address {
    /// - Parameter start: the first hexadecimal digit, or the first of two colons.
    static func recognize(at start: Int, in text: ScannedText) -> Finding? {
        guard !text[start - 1].isWord, text[start - 1] != UInt8(ascii: ":"), var end = end(from: start, in: text) else {
            return nil
        }
        if text[end] == UInt8(ascii: "%"), text[end + 1].isWord { end = text.end(from: end + 1) { $0.isWord } }
        guard !text[end].isWord,
            text[end] != UInt8(ascii: ":") || !(text[end + 1].isWord || text[end + 1] == UInt8(ascii: ":")),
            text[end] != UInt8(ascii: ".") || !text[end + 1].isDigit
        else { return nil }
        return Finding(
            kind: .ipAddress, range: start..<NetworkBlock.end(after: end, bits: 128, in: text), confidence: .form)
    }

    private static func end(from start: Int, in text: ScannedText) -> Int? {
        var groups = 0
        var isShortened = false
        var hasDigit = false
        var place = start
        while groups < 8 {
            if text[place] == UInt8(ascii: ":"), text[place + 1] == UInt8(ascii: ":") {
                guard !isShortened else { return nil }
                isShortened = true
                place += 2
            } else if groups > 0 {
                guard text[place] == UInt8(ascii: ":"), text[place + 1].isHex else { break }
                place += 1
            }
            if groups <= 6, let last = IPv4Address.end(from: place, in: text) {
                return groups == 6 || isShortened ? last : nil
            }
            let last = text.end(from: place, limit: 5) { $0.isHex }
            guard last - place <= 4 else { return nil }
            if last == place { break }
            hasDigit = hasDigit || (place..<last).contains { text[$0].isDigit }
            groups += 1
            place = last
        }
        // "a::b" without any digit is a name in a program, "::2" a slice in one (or an address that is nobody's).
        let isAddress = groups == 8 || (isShortened && (groups > 1 || text[start] != UInt8(ascii: ":") && groups > 0))
        return hasDigit && isAddress ? place : nil
    }
}
