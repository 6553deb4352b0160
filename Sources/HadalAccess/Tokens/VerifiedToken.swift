import Foundation

/// What a token says that has been checked in every respect.
public struct VerifiedToken: Sendable, Hashable {
    public var issuer: String
    /// Who it is about, unique within the issuer (the claim `TokenIssuer.Claims.user` names).
    public var subject: String
    public var name: String?
    /// nil also where the issuer says that it did not verify it.
    public var email: String?
    /// Names of our roles.
    public var roles: Set<String>
    public var tenant: String
    /// From then on it no longer counts (`exp`, without the clock skew).
    public var expires: Date
    /// Whether the issuer says (`amr`, `acr`) that a second factor was shown.
    public var secondFactorShown: Bool
    /// When its owner last showed who they are to the issuer, where it says so (`auth_time`).
    public var authenticated: Date?
    /// `jti`: names this token, for the audit.
    public var id: String?
}
