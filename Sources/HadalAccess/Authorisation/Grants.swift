/// What several roles give together in a tenant, each permission with the models it is for.
struct Grants: Sendable, Hashable {
    private(set) var permissions: Set<Permission> = []
    /// Of permissions that are not for all models.
    private(set) var models: [Permission: ModelScope] = [:]
    /// The names of the roles that give them, in order.
    private(set) var roles: [String] = []

    static let none = Grants()

    private init() {}

    init(roles: some Sequence<Role>, tenant: String) {
        let isInstallation = tenant == Principal.defaultTenant
        self.roles = roles.map(\.name).sorted()
        for role in roles {
            for permission in role.permissions where isInstallation || !permission.isInstallationWide {
                add(permission, role.models)
            }
        }
    }

    /// What a principal has, apart from what its key and tenant restrict.
    init(_ principal: Principal) {
        permissions = principal.permissions
        roles = principal.roles
        models = principal.permissionModels
    }

    private mutating func add(_ permission: Permission, _ scope: ModelScope) {
        if permissions.insert(permission).inserted {
            if scope != .all { models[permission] = scope }
        } else if let known = models[permission] {
            let both = known.union(scope)
            models[permission] = both == .all ? nil : both
        }
    }

    /// - Parameter scopes: nil: all stays.
    func limited(to scopes: Set<Permission>?) -> Grants {
        guard let scopes else { return self }
        var limited = self
        limited.permissions.formIntersection(scopes)
        limited.models = models.filter { scopes.contains($0.key) }
        return limited
    }

    /// At most what is left within the models that a key is for: what somebody has who wants to give something.
    func surely(within scope: ModelScope) -> Grants { limited(to: scope) { _ in .only([]) } }

    /// At least what is left within them: what is given.
    func possibly(within scope: ModelScope) -> Grants { limited(to: scope) { $0 } }

    /// - Parameter unclear: what stays of models that neither contain `scope` nor are contained in it.
    private func limited(to scope: ModelScope, unclear: (ModelScope) -> ModelScope) -> Grants {
        guard scope != .all else { return self }
        var limited = self
        for permission in permissions {
            let known = models[permission] ?? .all
            limited.models[permission] = scope.covers(known) ? known : known.covers(scope) ? scope : unclear(known)
        }
        return limited
    }

    /// Whether there is nothing in `other` that is not in this.
    func covers(_ other: Grants) -> Bool {
        permissions.isSuperset(of: other.permissions)
            && other.permissions.allSatisfy { (models[$0] ?? .all).covers(other.models[$0] ?? .all) }
    }
}
