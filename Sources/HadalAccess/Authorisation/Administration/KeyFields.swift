import Foundation

/// A key to be made.
public struct KeyRequest: Sendable {
    /// Whom it acts for.
    public enum Owner: Sendable {
        /// The requester's user.
        case oneself
        case user(named: String)
        /// A program; tenant nil: the requester's.
        case service(roles: Set<String>, tenant: String?)
    }

    public var name: String
    public var owner: Owner
    /// nil: all that its owner may.
    public var scopes: Set<Permission>?
    public var models: ModelScope
    /// nil: never, or with the key that makes it.
    public var expires: Date?

    public init(
        name: String, owner: Owner = .oneself, scopes: Set<Permission>? = nil, models: ModelScope = .all,
        expires: Date? = nil
    ) {
        self.name = name
        self.owner = owner
        self.scopes = scopes
        self.models = models
        self.expires = expires
    }

    /// A key as it would be, with owner and tenant found.
    func key(
        id: String, prefix: String, _ requester: Requester, _ directory: Directory
    ) throws(AccessProblem) -> APIKey {
        let (owner, tenant) = try owner(requester.principal, directory)
        if let expires { try directory.check(expiry: expires, requester) }
        return APIKey(
            id: id, prefix: prefix, name: name, owner: owner, tenant: tenant, scopes: scopes, models: models,
            created: requester.now, createdBy: requester.principal.id,
            expires: expires ?? directory.latestExpiry(requester.principal))
    }

    private func owner(
        _ principal: Principal, _ directory: Directory
    ) throws(AccessProblem) -> (APIKey.Owner, tenant: String) {
        switch owner {
        case .oneself:
            let user = try directory.own(principal)
            return (.user(id: user.id), user.tenant)
        case .user(let name):
            let user = try directory.user(named: name, for: principal)
            return (.user(id: user.id), user.tenant)
        case .service(let roles, let tenant):
            try directory.checkRoles(roles)
            return (.service(roles: roles), try directory.tenant(tenant, for: principal).name)
        }
    }
}

extension Directory {
    /// What somebody who comes with a key makes or changes ends with that key at the latest; nil: whenever they like.
    func latestExpiry(_ principal: Principal) -> Date? { principal.keyID.flatMap { key(id: $0) }?.key.expires }

    /// - Parameter expiry: of a key that is made or changed; nil: never.
    func check(expiry: Date?, _ requester: Requester) throws(AccessProblem) {
        if let expiry, expiry <= requester.now { throw .invalid(field: "expires", problem: "must be in the future") }
        if let latest = latestExpiry(requester.principal), expiry ?? .distantFuture > latest {
            throw .invalid(field: "expires", problem: "must not be later than that of the key that asks for it")
        }
    }
}
