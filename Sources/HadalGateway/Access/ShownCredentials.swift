import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import Hummingbird

extension HTTPField.Name {
    static let apiKey = HTTPField.Name("x-api-key")!
    static let forgeryToken = HTTPField.Name("X-CSRF-Token")!
    /// A code of the second factor.
    static let oneTimePassword = HTTPField.Name("X-Hadal-OTP")!
}

/// What a request shows of who sends it, as it stands in its head.
struct ShownCredentials: Sendable {
    static let sessionCookie = "hadal_session"

    /// An API key or a JWT.
    let bearer: String?
    let sessionToken: String?
    private let forgeryToken: String?
    private let isChange: Bool
    private let certificate: Credentials.Certificate?

    init(_ request: Request, _ connection: ClientConnection) {
        bearer = Self.bearer(request.headers[.authorization]) ?? request.headers[.apiKey]
        sessionToken = Self.cookie(Self.sessionCookie, request.headers[values: .cookie])
        forgeryToken = request.headers[.forgeryToken]
        isChange = request.method != .get && request.method != .head
        // A connection may outlive it.
        let shown = connection.peerCertificate.flatMap { $0.notAfter > Date() ? $0 : nil }
        certificate = shown.map {
            Credentials.Certificate(
                fingerprint: $0.fingerprint, commonName: $0.commonName, uris: $0.uris, emails: $0.emails)
        }
    }

    /// A JWT, which its issuer's keys tell of; our own keys have no dots.
    var token: String? { bearer.flatMap { $0.count { $0 == "." } == 2 ? $0 : nil } }

    /// - Parameter token: what was verified of the bearer, if it is a token.
    func credentials(_ token: VerifiedToken?) -> Credentials {
        Credentials(
            bearer: bearer, token: token, sessionToken: sessionToken, forgeryToken: forgeryToken, isChange: isChange,
            certificate: certificate)
    }

    /// RFC 6750, 2.1; the scheme's case does not matter.
    private static func bearer(_ field: String?) -> String? {
        guard let field, field.prefix(7).lowercased() == "bearer " else { return nil }
        return String(field.dropFirst(7).drop { $0 == " " })
    }

    /// RFC 6265, 5.4. HTTP/2 may send several fields.
    static func cookie(_ name: String, _ fields: [String]) -> String? {
        for field in fields {
            for pair in field.split(separator: ";") {
                let text = pair.drop { $0 == " " }
                if text.hasPrefix(name + "=") { return String(text.dropFirst(name.count + 1)) }
            }
        }
        return nil
    }
}
