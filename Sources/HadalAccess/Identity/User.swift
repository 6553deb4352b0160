import Foundation

/// Somebody, as far as administration shows it: no secrets.
public struct User: Sendable, Hashable {
    /// `user:` and 24 characters; never used again.
    public var id: String
    /// What they log in with. Case does not count, and no two are alike.
    public var name: String
    public var tenant: String
    public var displayName: String
    public var roles: Set<String>
    public var isEnabled: Bool
    /// Where not, they come by key, certificate or token alone.
    public var hasPassword: Bool
    public var hasSecondFactor: Bool
    public var links: Set<IdentityLink>
    public var created: Date
    public var passwordChanged: Date?
}

/// What stands for a user elsewhere.
public enum IdentityLink: Sendable, Hashable {
    /// A subject of an issuer of tokens.
    case external(issuer: String, subject: String)
    /// SHA-256 of a client certificate: 64 hexadecimal digits, in small letters.
    case certificateFingerprint(String)
    /// The subject's common name, a URI or an e-mail address among the alternative names of a client certificate that
    /// an authority of ours has issued.
    case certificateName(String)
    case certificateURI(String)
    case certificateEmail(String)
}
