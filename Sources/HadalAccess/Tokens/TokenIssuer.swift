import Foundation
import HadalJSON

/// Somebody whose tokens count: an OpenID provider or whatever else signs JWTs (RFC 7519).
public struct TokenIssuer: Sendable, Hashable {
    /// Where the keys are that it signs with.
    public enum KeySource: Sendable, Hashable {
        /// `jwks_uri` of `ISSUER/.well-known/openid-configuration` (OpenID Connect Discovery 1.0).
        case discovery
        case url(URL)
        /// A JWK set on this machine.
        case file(path: String)
    }

    /// Where a token says what we want to know. Each is a claim's name, or else a path of names with dots between them
    /// (`realm_access.roles`).
    public struct Claims: Sendable, Hashable {
        /// What identifies the user; it must never be given to somebody else. `email` is only safe with issuers that verify
        /// addresses; a token that says `"email_verified": false` is then refused.
        public var user = "sub"
        public var name = "name"
        public var email = "email"
        /// Roles or groups: an array of strings, a single string, or in `scope` and `scp` names with spaces between them.
        public var roles = "roles"

        public init() {}
    }

    /// Whose namespace a token's owner works in.
    public enum Tenant: Sendable, Hashable {
        case fixed(String)
        /// What the claim says. A token without it is refused, and so is one that names a tenant outside `allowed`; nil
        /// allows all.
        case claim(String, allowed: Set<String>?)
    }

    /// Which tokens count only once (by `jti`).
    public enum OneTimeUse: Sendable, Hashable {
        case never, always
        /// Those with this claim set to true.
        case whereClaimed(String)
    }

    /// What a token's `iss` must be, byte for byte.
    public var issuer: String
    /// A token must be meant for one of them (`aud`).
    public var audiences: Set<String>
    public var algorithms: Set<TokenAlgorithm> = [.rs256, .ps256, .es256, .edDSA]
    public var keySource: KeySource = .discovery
    /// Seconds by which its clock and ours may differ.
    public var clockSkew: TimeInterval = 60
    /// Seconds since `iat` after which a token no longer counts, however late its `exp`. nil: only `exp` counts.
    public var maximumAge: TimeInterval? = 86_400
    public var claims = Claims()
    public var tenant: Tenant = .fixed(Principal.defaultTenant)
    /// The issuer's name of a role or group → the name of one of our roles. Names that are not here mean nothing.
    public var roleMap: [String: String] = [:]
    /// Our roles for those whose token brings none.
    public var defaultRoles: Set<String> = []
    /// Claims (names or paths) that must be there with this value.
    public var requiredClaims: [String: JSON] = [:]
    /// Clients (`azp` or `client_id`) that may have asked for the token; nil: all.
    public var authorizedParties: Set<String>?
    public var oneTimeUse: OneTimeUse = .never
    /// Values of `amr` (RFC 8176) that say that a second factor was shown.
    public var secondFactorMethods: Set<String> = ["mfa"]
    /// Values of `acr` that say so.
    public var secondFactorContexts: Set<String> = []
    /// Lets people log in to the console here.
    public var login: ConsoleLogin?

    public init(issuer: String, audiences: Set<String>) {
        self.issuer = issuer
        self.audiences = audiences
    }
}

/// How the console is registered with an OpenID provider.
public struct ConsoleLogin: Sendable, Hashable {
    public var clientID: String
    /// nil for a public client, which PKCE alone protects.
    public var clientSecret: ClientSecret?
    /// Where the provider sends browsers back to, exactly as registered there.
    public var redirectURI: URL
    public var scopes: [String] = ["openid", "profile", "email"]

    public init(clientID: String, clientSecret: ClientSecret? = nil, redirectURI: URL) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.redirectURI = redirectURI
    }
}

/// A secret that no log, error or dump shows.
public struct ClientSecret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    let text: String

    public init(_ text: String) { self.text = text }

    public var description: String { "(secret)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
