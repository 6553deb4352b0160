import Foundation

/// A mail server that takes alerts, and whom they are for.
public struct MailSettings: Sendable, Hashable {
    public enum Security: String, Sendable, Hashable, CaseIterable {
        /// The connection begins with TLS; port 465 by custom.
        case tls
        /// It is turned to TLS (STARTTLS), or given up; port 587 by custom.
        case startTLS = "starttls"
        case plain
    }

    public var host: String
    public var port: Int
    public var security: Security
    public var user: String?
    public var password: String?
    public var from: String
    public var to: [String]
    /// A file of certificates (PEM) of who signs the server's; nil: those that the system trusts.
    public var authority: String?

    public init(
        host: String, port: Int, security: Security, user: String? = nil, password: String? = nil, from: String,
        to: [String], authority: String? = nil
    ) {
        (self.host, self.port, self.security) = (host, port, security)
        (self.user, self.password) = (user, password)
        (self.from, self.to, self.authority) = (from, to, authority)
    }

    /// - Throws: `AlertError.channel`.
    func check(_ channel: String) throws(AlertError) {
        func refuse(_ field: String, _ problem: String) -> AlertError {
            .channel(channel, field: field, problem: problem)
        }
        guard !host.isEmpty, !host.contains(where: \.isWhitespace) else { throw refuse("host", "is no name of a host") }
        guard (1...65535).contains(port) else { throw refuse("port", "is a number from 1 to 65535") }
        guard (user == nil) == (password == nil) else {
            throw refuse("user", "and password are given together or not at all")
        }
        let isHere = ["localhost", "127.0.0.1", "::1"].contains(host.lowercased())
        guard user == nil || security != .plain || isHere else {
            throw refuse("security", "plain would send the password for all to read; use starttls or tls")
        }
        guard !to.isEmpty, to.count <= 100 else { throw refuse("to", "has 1 to 100 addresses") }
        if !Self.isAddress(from) { throw refuse("from", "is no address such as hadal@example.org") }
        for address in to where !Self.isAddress(address) {
            throw refuse("to", "has \(AlertError.line(address)), which is no address such as ops@example.org")
        }
    }

    /// ASCII, one `@`, and nothing that would end the address or the line.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
            && text.utf8.allSatisfy { $0 > 32 && $0 < 127 && !#"<>()[],;:\""#.utf8.contains($0) }
    }
}
