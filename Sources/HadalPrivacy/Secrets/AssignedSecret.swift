/// Values behind the name of a secret: `password=…`, `api_key: "…"`, `密码是…`, `Bearer …`.
enum AssignedSecret {
    private static let valueLimit = 512

    static func recognize(after hit: Contexts.Hit, in text: ScannedText) -> Finding? {
        guard let start = valueStart(after: hit, in: text) else { return nil }
        var end = text.end(from: start, limit: valueLimit) { isValue($0) }
        while end > start, text[end - 1] == UInt8(ascii: ".") || text[end - 1] == UInt8(ascii: "!") { end -= 1 }
        guard isSecret(start..<end, isPassword: isPassword(hit, text), in: text) else { return nil }
        return Finding(kind: .secret, range: start..<end, confidence: .context)
    }

    /// Past quotation marks, spaces and a sign that says what the value is.
    private static func valueStart(after hit: Contexts.Hit, in text: ScannedText) -> Int? {
        var place = hit.end
        var isAssigned = text.has("bearer", at: hit.start) && text[place] == 0x20
        let limit = hit.end + 12
        while place < limit {
            switch text[place] {
            case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"), UInt8(ascii: "*"):
                place += 1
            case UInt8(ascii: ":"), UInt8(ascii: "="), UInt8(ascii: ">"):
                isAssigned = true
                place += 1
            default:
                if text.han(at: place) == "是" || text.han(at: place) == "为" {
                    isAssigned = true
                    place += 3
                } else if text.has("is ", at: place), text[place - 1] == 0x20 {
                    isAssigned = true
                    place += 3
                } else {
                    return isAssigned ? place : nil
                }
            }
        }
        return nil
    }

    /// Visible, and nothing that ends a value or begins an expression in a program.
    private static func isValue(_ byte: UInt8) -> Bool {
        byte.isGraph && !"\"'`,;<>()[]{}".utf8.contains(byte)
    }

    private static func isPassword(_ hit: Contexts.Hit, _ text: ScannedText) -> Bool {
        text[hit.start].lowercase == UInt8(ascii: "p") || text.han(at: hit.start) == "密"
            || text.han(at: hit.start) == "口"
            || text.han(at: hit.end - 6) == "密"
    }

    /// Passwords may be short; keys and tokens are long and have many different characters.
    private static func isSecret(_ range: Range<Int>, isPassword: Bool, in text: ScannedText) -> Bool {
        guard range.count >= (isPassword ? 6 : 16), "$%{/~&".utf8.contains(text[range.lowerBound]) == false else {
            return false
        }
        var seen = (low: UInt64(0), high: UInt64(0))
        var (digits, letters) = (0, 0)
        for place in range {
            let byte = text[place]
            if byte.isDigit { digits += 1 }
            if byte.isLetter { letters += 1 }
            if byte == UInt8(ascii: ":"), text[place + 1] == UInt8(ascii: "/") { return false }
            if byte < 64 { seen.low |= 1 << UInt64(byte) } else { seen.high |= 1 << UInt64(byte - 64) }
        }
        let different = seen.low.nonzeroBitCount + seen.high.nonzeroBitCount
        if isPassword { return digits > 0 && (different >= 4 || digits == range.count) }
        return digits > 0 && letters > 0 && different >= 10
    }
}
