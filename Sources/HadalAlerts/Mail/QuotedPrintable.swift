/// Text of any language in lines of ASCII (RFC 2045, 6.7).
enum QuotedPrintable {
    private static let lineMax = 76
    private static let digits = Array("0123456789ABCDEF".unicodeScalars)

    /// - Parameter text: with lines that end in LF or CRLF.
    /// - Returns: with lines that end in CRLF; the last one has no end.
    static func encoded(_ text: String) -> String {
        text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
            .map { line(Array($0.utf8)) }.joined(separator: "\r\n")
    }

    private static func line(_ bytes: [UInt8]) -> String {
        var text = ""
        var length = 0
        for (place, byte) in bytes.enumerated() {
            let isLast = place == bytes.count - 1
            let isSpace = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            let isPlain = (33...126).contains(byte) && byte != UInt8(ascii: "=") || isSpace && !isLast
            let width = isPlain ? 1 : 3
            // One place is left for the mark of a soft break.
            if length + width > lineMax - 1 {
                text += "=\r\n"
                length = 0
            }
            text += isPlain ? String(Unicode.Scalar(byte)) : escaped(byte)
            length += width
        }
        return text
    }

    private static func escaped(_ byte: UInt8) -> String {
        var text = "="
        text.unicodeScalars.append(digits[Int(byte >> 4)])
        text.unicodeScalars.append(digits[Int(byte & 15)])
        return text
    }
}
