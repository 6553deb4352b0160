/// JSON Web Tokens: three parts in base64url with points between; the first is a JSON object ("eyJ").
enum WebToken {
    /// - Parameter none: up to where it is known that no token begins, so that nothing is read twice.
    static func recognize(at start: Int, in text: ScannedText, none: inout Int) -> Finding? {
        guard start >= none, text[start] == UInt8(ascii: "e"), text[start + 1] == UInt8(ascii: "y"),
            text[start + 2] == UInt8(ascii: "J")
        else {
            return nil
        }
        var place = start
        for part in 0..<3 {
            let end = text.end(from: place) { $0.isWord || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
            // The signature is missing where the algorithm is "none".
            if part == 0 { none = end }
            guard end - place >= (part == 2 ? 0 : 8) else { return nil }
            if part == 2 { return Finding(kind: .secret, range: start..<end, confidence: .checked) }
            guard text[end] == UInt8(ascii: ".") else { return nil }
            place = end + 1
        }
        return nil
    }
}
