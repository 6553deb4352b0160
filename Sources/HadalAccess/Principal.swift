import Foundation

/// Who asks: what authentication found out and authorisation decides on.
public struct Principal: Sendable, Hashable {
    /// How it was shown who asks.
    public enum Method: String, Sendable, Hashable {
        /// Nobody has to show anything: loopback without users and keys, or `--insecure`.
        case open
        case key, session, token, certificate
        /// A command on this machine that opened the data directory itself.
        case local
    }

    /// Stable and unique, for counting and the audit: `user:3f…`, `key:9a…`, `token:ISSUER#SUBJECT`, `local:root`, `open`.
    public var id: String
    /// For people.
    public var name: String
    /// The user it is or acts for; nil for service keys and tokens of unknown users.
    public var userID: String?
    /// The key it came with.
    public var keyID: String?
    /// The names of its roles, for the organisation's rules; permissions decide what it may do.
    public var roles: [String] = []
    public var tenant: String
    public var method: Method
    public var permissions: Set<Permission>
    /// Where several restrict it (roles, key, tenant), each must contain a model.
    public var models: [ModelScope]
    /// What roles allow each permission for, where that is not all models.
    public var permissionModels: [Permission: ModelScope]
    /// Until when a second factor shown earlier in the session counts.
    public var secondFactorUntil: Date?

    public init(
        id: String, name: String, userID: String? = nil, keyID: String? = nil, tenant: String, method: Method,
        permissions: Set<Permission>, models: [ModelScope] = [.all], permissionModels: [Permission: ModelScope] = [:],
        secondFactorUntil: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.userID = userID
        self.keyID = keyID
        self.tenant = tenant
        self.method = method
        self.permissions = permissions
        self.models = models
        self.permissionModels = permissionModels
        self.secondFactorUntil = secondFactorUntil
    }

    /// Whether what it may do with `permission` reaches a model. It says nothing about whether it has the permission.
    public func mayUse(model: String, for permission: Permission = .useModels) -> Bool {
        models.allSatisfy { $0.contains(model) } && permissionModels[permission]?.contains(model) ?? true
    }
}

extension Principal {
    /// The tenant of everybody who was given none.
    public static let defaultTenant = "default"
}
