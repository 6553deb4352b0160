/// All that a request shows of who sends it.
public struct Credentials: Sendable {
    /// A client certificate that the TLS connection has verified.
    public struct Certificate: Sendable, Hashable {
        /// SHA-256 of its DER: 64 hexadecimal digits, in small letters.
        public var fingerprint: String
        public var commonName: String?
        public var uris: [String]
        public var emails: [String]

        public init(fingerprint: String, commonName: String? = nil, uris: [String] = [], emails: [String] = []) {
            self.fingerprint = fingerprint
            self.commonName = commonName
            self.uris = uris
            self.emails = emails
        }
    }

    /// An API key. A JWT is verified first and given as `token`.
    public var bearer: String?
    public var token: VerifiedToken?
    public var sessionToken: String?
    /// `X-CSRF-Token`.
    public var forgeryToken: String?
    /// Whether the request's method is another than GET and HEAD.
    public var isChange: Bool
    public var certificate: Certificate?

    public init(
        bearer: String? = nil, token: VerifiedToken? = nil, sessionToken: String? = nil, forgeryToken: String? = nil,
        isChange: Bool = false, certificate: Certificate? = nil
    ) {
        self.bearer = bearer
        self.token = token
        self.sessionToken = sessionToken
        self.forgeryToken = forgeryToken
        self.isChange = isChange
        self.certificate = certificate
    }
}
