import HadalRules

/// What is done with contents, for all tenants.
public struct ContentConfiguration: Sendable {
    var standard = ContentPolicy()
    /// Instead of `standard`.
    var tenants: [String: ContentPolicy] = [:]
    /// The organisation's rules, as they were when the configuration was read.
    var rules: RuleSet?
    /// Of all cached answers.
    var cacheBytes = 64 << 20

    public init() {}

    func policy(of tenant: String) -> ContentPolicy { tenants[tenant] ?? standard }
}
