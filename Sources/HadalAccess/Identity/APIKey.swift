import Foundation

/// A key for programs, as far as administration shows it: not its secret.
public struct APIKey: Sendable, Hashable {
    public enum Owner: Sendable, Hashable {
        /// It acts for a user, and can do no more than that user at that time.
        case user(id: String)
        /// It acts for a program that is no user.
        case service(roles: Set<String>)
    }

    /// `key:` and 24 characters.
    public var id: String
    /// The 8 characters by which people recognise it.
    public var prefix: String
    public var name: String
    public var owner: Owner
    public var tenant: String
    /// nil: all of its roles' permissions.
    public var scopes: Set<Permission>?
    public var models: ModelScope
    public var created: Date
    /// `Principal.id` of who made it.
    public var createdBy: String
    public var expires: Date?
    /// At most a minute too old.
    public var lastUsed: Date?
    public var revoked: Date?
    /// Until when the secret before the last rotation counts.
    public var previousUntil: Date?
}

/// A key when it is made or rotated: the only time that its secret is there to be shown.
public struct NewKey: Sendable {
    public var key: APIKey
    public var secret: String
}
