import Foundation

extension Principal {
    /// Everybody, where nobody has to show anything.
    public static let open = Principal(
        id: "open", name: "anybody", tenant: defaultTenant, method: .open, permissions: Set(Permission.allCases))

    /// Who runs a command on this machine that opens the data directory itself: whoever can read and write the files
    /// can do everything anyway.
    public static func local(name: String) -> Principal {
        Principal(
            id: "local:\(name)", name: name, tenant: defaultTenant, method: .local,
            permissions: Set(Permission.allCases))
    }

    /// Whether a second factor would protect nothing.
    var isBeyondSecondFactor: Bool { method == .open || method == .local }

    /// Whether they look after all tenants. All others reach only what is their own tenant's.
    public var isOfInstallation: Bool { tenant == Principal.defaultTenant }

    init(
        id: String, name: String, userID: String?, keyID: String? = nil, tenant: Tenant, method: Method, grants: Grants,
        keyModels: ModelScope = .all, secondFactorUntil: Date? = nil
    ) {
        self.init(
            id: id, name: name, userID: userID, keyID: keyID, tenant: tenant.name, method: method,
            permissions: grants.permissions, models: [tenant.models, keyModels].filter { $0 != .all },
            permissionModels: grants.models, secondFactorUntil: secondFactorUntil)
        roles = grants.roles
    }
}

extension Directory {
    /// A role that is no longer there gives nothing.
    func grants(of roles: Set<String>, in tenant: String) -> Grants {
        Grants(roles: roles.lazy.compactMap { self.roles[$0] }, tenant: tenant)
    }

    func grants(of user: User) -> Grants { grants(of: user.roles, in: user.tenant) }

    /// What a key can do now.
    func grants(of key: APIKey) -> Grants {
        switch key.owner {
        case .user(let id): users[id].map { grants(of: $0).limited(to: key.scopes) } ?? .none
        case .service(let roles): grants(of: roles, in: key.tenant).limited(to: key.scopes)
        }
    }

    func enabledTenant(_ name: String) throws(AccessError) -> Tenant {
        guard let tenant = tenants[name] else { throw .credentialsRefused(detail: "there is no tenant '\(name)'") }
        guard tenant.isEnabled else { throw .credentialsRefused(detail: "the tenant '\(name)' is disabled") }
        return tenant
    }

    func principal(of user: User, method: Principal.Method, until: Date? = nil) throws(AccessError) -> Principal {
        guard user.isEnabled else { throw .credentialsRefused(detail: "the user '\(user.name)' is disabled") }
        return Principal(
            id: user.id, name: user.name, userID: user.id, tenant: try enabledTenant(user.tenant), method: method,
            grants: grants(of: user), secondFactorUntil: until)
    }

    func principal(of key: APIKey, now: Date) throws(AccessError) -> Principal {
        if key.revoked != nil { throw .credentialsRefused(detail: "the key '\(key.prefix)' was revoked") }
        if let expires = key.expires, expires <= now {
            throw .credentialsRefused(detail: "the key '\(key.prefix)' has expired")
        }
        let tenant = try enabledTenant(key.tenant)
        var userID: String?
        if case .user(let id) = key.owner {
            guard let user = users[id], user.isEnabled else {
                throw .credentialsRefused(detail: "the user of key '\(key.prefix)' is disabled")
            }
            userID = id
        }
        return Principal(
            id: key.id, name: key.name, userID: userID, keyID: key.id, tenant: tenant, method: .key,
            grants: grants(of: key), keyModels: key.models)
    }
}
