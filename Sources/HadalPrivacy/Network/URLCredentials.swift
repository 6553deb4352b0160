/// User and password in a URL: "https://user:password@host".
enum URLCredentials {
    /// - Parameter colon: where the colon of "://" stands.
    static func recognize(at colon: Int, in text: ScannedText) -> Finding? {
        guard text[colon + 1] == UInt8(ascii: "/"), text[colon + 2] == UInt8(ascii: "/"), text[colon - 1].isWord else {
            return nil
        }
        let start = colon + 3
        var separator: Int?
        var sign: Int?
        var place = start
        let limit = min(text.count, start + 512)
        while place < limit, isUserInfo(text[place]) {
            if text[place] == UInt8(ascii: ":"), separator == nil { separator = place }
            if text[place] == UInt8(ascii: "@") { sign = place }
            place += 1
        }
        guard let separator, let sign, separator + 1 < sign, text[sign + 1] > 0x20 else { return nil }
        return Finding(kind: .urlCredentials, range: start..<sign, confidence: .form)
    }

    /// Visible, and neither the end of the authority nor a quotation's.
    private static func isUserInfo(_ byte: UInt8) -> Bool {
        byte.isGraph && byte != UInt8(ascii: "/") && byte != UInt8(ascii: "?") && byte != UInt8(ascii: "\"")
            && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "`")
    }
}
