/// What a mail server says to a command (RFC 5321, 4.2): a code, and lines of text.
struct MailReply: Sendable, Hashable {
    let code: Int
    let lines: [String]

    var isPositive: Bool { (200..<400).contains(code) }
    /// Whether it would say the same again.
    var isFinal: Bool { code >= 500 }
    var text: String { AlertError.line("\(code) " + lines.joined(separator: " ")) }
}

/// Puts lines together to replies.
struct MailReplyReader: Sendable {
    struct Endless: Error, CustomStringConvertible {
        let description = "it says more than a mail server says"
    }

    static let lineBytesMax = 4096
    private static let linesMax = 100

    private var code: Int?
    private var lines: [String] = []

    /// Whether no reply is begun.
    var isEmpty: Bool { code == nil }

    /// - Parameter line: without its end.
    /// - Returns: nil while more lines belong to the reply.
    /// - Throws: `AlertError.delivery`.
    mutating func read(_ line: String) throws(AlertError) -> MailReply? {
        let digits = line.utf8.prefix(3)
        guard digits.count == 3, let code = Int(String(line.prefix(3))), (200..<600).contains(code),
            self.code == nil || self.code == code, lines.count < Self.linesMax
        else {
            throw .delivery(
                problem: "the mail server says what no mail server says: \(AlertError.line(line))", isFinal: false)
        }
        self.code = code
        let mark = line.utf8.dropFirst(3).first
        lines.append(String(line.dropFirst(4)))
        guard mark != UInt8(ascii: "-") else { return nil }
        defer { self = MailReplyReader() }
        return MailReply(code: code, lines: lines)
    }
}
