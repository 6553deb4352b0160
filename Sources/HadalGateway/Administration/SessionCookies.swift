import HTTPTypes
import Hummingbird

/// The cookies by which browsers are known (RFC 6265): scripts cannot read them, and pages of other sites do not send
/// them.
struct SessionCookies: Sendable {
    private static let pendingName = "hadal_login"
    /// Where a provider sends browsers back to.
    private static let pendingPath = "/admin/v1/session/openid"
    /// Seconds.
    private static let pendingAge = 600

    /// A session's, as the request has it.
    let session: String?
    /// That of a log-in at a provider that was begun.
    let pending: String?
    private let isSecure: Bool

    /// - Parameter isSecure: whether the browser came by TLS. Only then it may be told to send a cookie by TLS alone.
    init(_ request: Request, isSecure: Bool) {
        let fields = request.headers[values: .cookie]
        session = ShownCredentials.cookie(ShownCredentials.sessionCookie, fields)
        pending = ShownCredentials.cookie(Self.pendingName, fields)
        self.isSecure = isSecure
    }

    /// - Parameter seconds: until it ends, however much it is used.
    func begin(_ token: String, seconds: Int) -> HTTPField {
        field(ShownCredentials.sessionCookie, token, "Strict", "/", seconds)
    }

    var end: HTTPField { begin("", seconds: 0) }

    /// The provider's redirect comes from another site: a strict cookie would not be sent with it.
    func beginPending(_ secret: String) -> HTTPField {
        field(Self.pendingName, secret, "Lax", Self.pendingPath, Self.pendingAge)
    }

    var endPending: HTTPField { field(Self.pendingName, "", "Lax", Self.pendingPath, 0) }

    private func field(_ name: String, _ value: String, _ sites: String, _ path: String, _ age: Int) -> HTTPField {
        let secure = isSecure ? "; Secure" : ""
        return HTTPField(
            name: .setCookie,
            value: "\(name)=\(value); HttpOnly; SameSite=\(sites); Path=\(path); Max-Age=\(age)\(secure)")
    }
}
