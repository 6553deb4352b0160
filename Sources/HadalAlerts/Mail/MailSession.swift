import Foundation
import NIOSSL

/// One message on its way (RFC 5321): greeting, TLS (RFC 3207), log-in (RFC 4954), recipients, text.
struct MailSession {
    let connection: MailConnection
    let settings: MailSettings
    /// The name of this machine.
    let name: String
    private var abilities: [String] = []

    init(_ connection: MailConnection, _ settings: MailSettings, name: String) {
        (self.connection, self.settings, self.name) = (connection, settings, name)
    }

    /// - Throws: `AlertError.delivery`; also where some of the recipients were refused and the others have it.
    mutating func deliver(_ message: MailMessage, tls: NIOSSLContext) async throws(AlertError) {
        try expect(await connection.reply(), "greets with")
        try await greet()
        if settings.security == .startTLS { try await startTLS(tls) }
        if let user = settings.user, let password = settings.password { try await logIn(user, password) }
        try await command("MAIL FROM:<\(message.from)>", "refuses the sender \(message.from)")
        let refused = try await recipients(message.to)
        try await command("DATA", "takes no text")
        try await connection.write(Self.stuffed(message.text) + ".\r\n")
        try expect(await connection.reply(), "refuses the text")
        // It has the message, whatever it says to this.
        try? await connection.write("QUIT\r\n")
        if !refused.isEmpty {
            throw .delivery(problem: "\(host) refuses some: \(refused.joined(separator: "; "))", isFinal: true)
        }
    }

    private var host: String { "the mail server \(settings.host)" }

    @discardableResult
    private func expect(_ reply: MailReply, _ problem: String) throws(AlertError) -> MailReply {
        guard reply.isPositive else {
            throw .delivery(problem: "\(host) \(problem): \(reply.text)", isFinal: reply.isFinal)
        }
        return reply
    }

    @discardableResult
    private func command(_ line: String, _ problem: String) async throws(AlertError) -> MailReply {
        try await connection.write(line + "\r\n")
        return try expect(await connection.reply(), problem)
    }

    private mutating func greet() async throws(AlertError) {
        let reply = try await command("EHLO \(name)", "does not know EHLO")
        abilities = reply.lines.dropFirst().map { $0.uppercased() }
    }

    private mutating func startTLS(_ context: NIOSSLContext) async throws(AlertError) {
        guard abilities.contains("STARTTLS") else {
            throw .delivery(problem: "\(host) has no STARTTLS; use the port for tls, or plain", isFinal: true)
        }
        try await command("STARTTLS", "refuses STARTTLS")
        try await connection.startTLS(context)
        // What it said before may have been somebody else.
        try await greet()
    }

    private func logIn(_ user: String, _ password: String) async throws(AlertError) {
        let methods =
            abilities.first { $0.hasPrefix("AUTH ") }?.split(separator: " ").dropFirst().map(String.init) ?? []
        let problem = "refuses the user or the password"
        if methods.contains("PLAIN") {
            try await command("AUTH PLAIN " + Self.base64("\0\(user)\0\(password)"), problem)
        } else if methods.contains("LOGIN") {
            try await command("AUTH LOGIN", "refuses the log-in")
            try await command(Self.base64(user), problem)
            try await command(Self.base64(password), problem)
        } else {
            throw .delivery(
                problem: "\(host) has neither AUTH PLAIN nor AUTH LOGIN; leave out user and password", isFinal: true)
        }
    }

    /// - Returns: what was said to those that were refused; others were not.
    private func recipients(_ addresses: [String]) async throws(AlertError) -> [String] {
        var refused: [String] = []
        var last: MailReply?
        for address in addresses {
            try await connection.write("RCPT TO:<\(address)>\r\n")
            let reply = try await connection.reply()
            if !reply.isPositive {
                refused.append("\(address): \(reply.text)")
                last = reply
            }
        }
        if refused.count == addresses.count, let last {
            throw .delivery(problem: "\(host) refuses \(refused.joined(separator: "; "))", isFinal: last.isFinal)
        }
        return refused
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// A line that is a dot alone ends the text, so that one more is put before each dot that begins a line.
    static func stuffed(_ text: String) -> String {
        let lines = text.replacing("\r\n.", with: "\r\n..")
        return lines.hasPrefix(".") ? "." + lines : lines
    }
}
