import Foundation

/// A namespace: users, keys, models allowed, prompts, quotas, caches and audit views of one do not touch those of
/// another.
public struct Tenant: Sendable, Hashable {
    public var name: String
    public var displayName: String
    /// What everybody in it may use at most.
    public var models: ModelScope
    /// Where it is not, nobody of it is let in.
    public var isEnabled: Bool
    public var created: Date
}
