import Crypto
import Foundation
import HadalJSON

/// Posts each message as JSON (docs/alerts.md), signed where there is a secret.
public struct WebhookChannel: AlertChannel {
    public static let signatureHeader = "X-Hadal-Signature"
    public static let timestampHeader = "X-Hadal-Timestamp"

    public let kind = "webhook"
    private let http: AlertHTTP
    private let headers: [(String, String)]
    private let secret: String?
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - name: for errors.
    ///   - headers: what else to send, such as `Authorization`.
    ///   - secret: the receiver's too.
    ///   - authority: a file of certificates (PEM) of who signs the server's; nil: those that the system trusts.
    /// - Throws: `AlertError.channel`.
    public init(
        name: String, url: String, headers: [(String, String)] = [], secret: String? = nil, authority: String? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(AlertError) {
        for (header, value) in headers {
            let isToken =
                !header.isEmpty && header.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
            guard isToken, value.unicodeScalars.allSatisfy({ $0.value >= 32 && $0.value < 127 }) else {
                throw .channel(
                    name, field: "headers",
                    problem: "has \(AlertError.line(header)): letters, digits and -, then plain text")
            }
        }
        http = try AlertHTTP(channel: name, url: url, authority: authority)
        (self.headers, self.secret, self.now) = (headers, secret, now)
    }

    public func send(_ message: AlertMessage) async throws(AlertError) {
        let body = message.json.bytes
        var headers = headers + [("Idempotency-Key", message.id)]
        if let secret {
            let timestamp = "\(Int(now().timeIntervalSince1970))"
            headers += [
                (Self.timestampHeader, timestamp),
                (Self.signatureHeader, Self.signature(of: body, timestamp: timestamp, secret: secret)),
            ]
        }
        _ = try await http.post(body, headers: headers)
    }

    /// HMAC-SHA256 of the time, a dot and the body: with the time, so that a receiver may refuse what is old.
    static func signature(of body: [UInt8], timestamp: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(timestamp).".utf8) + body, using: SymmetricKey(data: Data(secret.utf8)))
        return "sha256=" + code.map { String(format: "%02x", $0) }.joined()
    }
}
