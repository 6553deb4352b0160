import Foundation

/// Somebody's time in the console, as far as administration shows it.
public struct Session: Sendable, Hashable {
    /// `session:` and 24 characters: a name, not the secret.
    public var id: String
    public var userID: String
    public var created: Date
    /// At most a minute too old.
    public var lastSeen: Date
    /// However much it is used.
    public var expires: Date
    public var address: String?
    public var secondFactorUntil: Date?
}

/// What a log-in gives.
public struct NewSession: Sendable {
    public var session: Session
    /// For the cookie, which scripts must not be able to read.
    public var token: String
    /// What pages of ours send as `X-CSRF-Token`.
    public var forgeryToken: String
    public var principal: Principal
}
