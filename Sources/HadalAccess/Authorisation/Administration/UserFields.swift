/// A user to be made.
public struct NewUser: Sendable {
    public var name: String
    public var displayName: String
    /// nil: the requester's.
    public var tenant: String?
    public var roles: Set<String>
    /// nil: they come by key, certificate or token alone.
    public var password: String?
    public var links: Set<IdentityLink>

    public init(
        name: String, displayName: String = "", tenant: String? = nil, roles: Set<String> = [RoleMatrix.user],
        password: String? = nil, links: Set<IdentityLink> = []
    ) {
        self.name = name
        self.displayName = displayName
        self.tenant = tenant
        self.roles = roles
        self.password = password
        self.links = links
    }
}

/// What is to be changed of a user; nil stays.
public struct UserChange: Sendable {
    public var displayName: String?
    public var roles: Set<String>?
    public var isEnabled: Bool?
    public var links: Set<IdentityLink>?

    public init(
        displayName: String? = nil, roles: Set<String>? = nil, isEnabled: Bool? = nil, links: Set<IdentityLink>? = nil
    ) {
        self.displayName = displayName
        self.roles = roles
        self.isEnabled = isEnabled
        self.links = links
    }

    var onlyRoles: Bool { displayName == nil && isEnabled == nil && links == nil }
}
