import Foundation

/// Somebody whose JWTs count as credentials.
public struct TokenIssuerSettings: SettingsSection {
    /// Signatures that only the issuer can make (RFC 7518 section 3.1, RFC 8037): `none` and HMAC are not among them.
    public enum Algorithm: String, CaseIterable, Sendable, Hashable {
        case RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA
    }
    public enum OneTimeUse: String, CaseIterable, Sendable, Hashable { case never, always }

    public var issuer = ""
    public var audiences: [String] = []
    public var algorithms: [Algorithm] = [.RS256, .PS256, .ES256, .EdDSA]
    public var keysURL: URL?
    public var keysFile: String?
    public var skew = Duration.seconds(60)
    /// nil: only `exp` counts.
    public var maximumAge: Duration? = .seconds(86_400)
    public var oneTimeUse = OneTimeUse.never
    public var oneTimeClaim: String?
    public var authorizedParties: [String] = []
    public var requiredClaims: [String: String] = [:]
    public var claims = Claims()
    public var roles: [String: String] = [:]
    public var defaultRoles: [String] = []
    public var tenant = "default"
    /// That a tenant claim may name; empty: all.
    public var tenants: [String] = []
    public var secondFactorMethods = ["mfa"]
    public var secondFactorContexts: [String] = []
    public var clientID: String?
    public var clientSecret = SecretSource()
    public var redirect: URL?
    public var scopes = ["openid", "profile", "email"]

    public init() {}

    /// Where a token says what we want to know: names of claims, or paths with dots (`realm_access.roles`).
    public struct Claims: SettingsSection {
        public var user = "sub"
        public var name = "name"
        public var email = "email"
        public var roles = "roles"
        public var tenant: String?

        public init() {}

        static let entries: [Entry<Claims>] = [
            .setting(
                "user", \.user, .claim("sub"), .reload,
                "The claim that identifies the user and never goes to somebody else."),
            .setting("name", \.name, .claim("name"), .reload, "The claim with the user's name."),
            .setting("email", \.email, .claim("email"), .reload, "The claim with the user's address."),
            .setting(
                "roles", \.roles, .claim("realm_access.roles"), .reload, "The claim with the user's roles or groups."),
            .setting(
                "tenant", \.tenant, .optional(.claim("tenant")), .reload,
                "The claim that names the user's tenant, instead of tenant."),
        ]
    }

    func check(_ findings: inout Findings) {
        if issuer.isEmpty {
            findings.add("issuer", "no issuer is given", "write the tokens' 'iss', such as https://login.example.org")
        } else if !issuer.hasPrefix("https://"), keysURL == nil, keysFile == nil, !isOnThisMachine {
            findings.add(
                "issuer", "its keys cannot be fetched from there safely",
                "write an https URL, or give keys_url or keys_file")
        }
        if audiences.isEmpty {
            findings.add(
                "audiences", "no audience is given: tokens made for others would count here",
                "write what the tokens' 'aud' must be")
        }
        if keysURL != nil, keysFile != nil {
            findings.add("keys_file", "keys_url is given as well", "keep one of them")
        }
        if algorithms.isEmpty { findings.add("algorithms", "no algorithm is allowed", "write one such as RS256") }
        if clientID != nil {
            if redirect == nil { findings.add("redirect", "client_id needs it", "write 'redirect: URL'") }
            if !scopes.contains("openid") { findings.add("scopes", "openid is missing", "add it") }
        } else if redirect != nil || clientSecret.isGiven {
            findings.add("client_id", "redirect and client_secret need it", "write 'client_id: NAME'")
        }
    }

    private var isOnThisMachine: Bool {
        ["http://localhost", "http://127.0.0.1", "http://[::1]"].contains {
            issuer == $0 || issuer.hasPrefix($0 + ":") || issuer.hasPrefix($0 + "/")
        }
    }
}

extension ValueType<String> {
    static func claim(_ example: String) -> ValueType {
        .word("name of a claim", example: example) { !$0.isWhitespace }
    }
}
