/// Permissions under a name, and the models they are for.
public struct Role: Sendable, Hashable {
    public var name: String
    public var about: String
    public var permissions: Set<Permission>
    public var models: ModelScope
    /// Those of `RoleMatrix`, which nobody changes.
    public var isBuiltIn: Bool

    init(name: String, about: String, permissions: Set<Permission>, models: ModelScope = .all, isBuiltIn: Bool = false)
    {
        self.name = name
        self.about = about
        self.permissions = permissions
        self.models = models
        self.isBuiltIn = isBuiltIn
    }
}
