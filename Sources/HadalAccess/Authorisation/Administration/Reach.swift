/// Whom and what a requester reaches.
extension Principal {
    func sees(tenant: String) -> Bool { isOfInstallation || self.tenant == tenant }
}

extension Directory {
    /// - Throws: `notFound` also for users whom the requester must not know of.
    func user(named name: String, for principal: Principal) throws(AccessProblem) -> User {
        guard let user = user(named: name), principal.sees(tenant: user.tenant) else {
            throw .notFound("user '\(name.prefix(FieldCheck.nameLengthMax))'")
        }
        return user
    }

    func key(id: String, for principal: Principal) throws(AccessProblem) -> APIKey {
        guard let key = key(id: id)?.key, principal.sees(tenant: key.tenant) else {
            throw .notFound("key '\(id.prefix(FieldCheck.nameLengthMax))'")
        }
        return key
    }

    /// The tenant in which a requester makes something.
    func tenant(_ name: String?, for principal: Principal) throws(AccessProblem) -> Tenant {
        let name = name ?? principal.tenant
        guard principal.sees(tenant: name), let tenant = tenants[name] else {
            throw .notFound("tenant '\(name.prefix(FieldCheck.nameLengthMax))'")
        }
        return tenant
    }

    func checkRoles(_ names: Set<String>) throws(AccessProblem) {
        for name in names.sorted() where roles[name] == nil {
            throw .invalid(field: "roles", problem: "names '\(name.prefix(64))', which is no role")
        }
    }

    /// Whether to act for, or to make, somebody with `grants` is more than the requester may alone.
    func exceed(_ grants: Grants, _ principal: Principal) -> Bool {
        let keyModels = principal.keyID.flatMap { key(id: $0) }?.key.models ?? .all
        return !Grants(principal).surely(within: keyModels).covers(grants)
    }

    func isSelf(_ user: User, _ principal: Principal) -> Bool { user.id == principal.userID }

    /// Those without whom nobody could administer the installation.
    private var administrators: [User] {
        users.values.filter {
            $0.isEnabled && $0.tenant == Principal.defaultTenant && $0.roles.contains(RoleMatrix.administrator)
        }
    }

    func checkNotLastAdministrator(_ user: User) throws(AccessProblem) {
        let administrators = administrators
        if administrators.count == 1, administrators[0].id == user.id {
            throw .conflict("'\(user.name)' is the last administrator; make another one first")
        }
    }

    /// Of several permissions, those that are recorded by name when they are given.
    static func sensitive(_ grants: Grants) -> [Permission] {
        [.readConversations, .readMaskedText, .exportAudit].filter(grants.permissions.contains)
    }
}

extension AccessAdministration.Act {
    /// Notes that somebody now may read what others wrote, or take the audit out.
    mutating func note(granted grants: Grants, before: Grants = .none) {
        let new = Directory.sensitive(grants).filter { !before.permissions.contains($0) }
        if !new.isEmpty { details["granted"] = new.map(\.rawValue).joined(separator: ", ") }
    }
}
