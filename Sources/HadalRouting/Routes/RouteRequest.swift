import Foundation

/// What a request may need of the model that answers it.
public enum RouteFeature: String, Sendable, Hashable, CaseIterable {
    case tools, logprobs, reasoning, infill, embeddings
    case structuredOutput = "structured_output"
}

/// What is known of a request when its route is chosen.
public struct RouteRequest: Sendable, Hashable {
    /// Unique; where nothing sticks, weighted choices go by it, so that a decision can be made again and is the same.
    public var id: String
    public var tenant: String
    /// nil where the caller is no person.
    public var user: String?
    public var roles: Set<String>
    public var promptTokens: Int
    /// nil where none are asked for; no condition on them holds then.
    public var outputTokens: Int?
    /// In the organisation's currency; nil where it is not known. No condition on it holds then.
    public var cost: Decimal?
    public var features: Set<RouteFeature>
    /// Whether nobody waits for it (a batch).
    public var isBackground: Bool
    /// Set by the rules engine.
    public var tags: Set<String>

    public init(
        id: String, tenant: String, user: String? = nil, roles: Set<String> = [], promptTokens: Int = 0,
        outputTokens: Int? = nil, cost: Decimal? = nil, features: Set<RouteFeature> = [], isBackground: Bool = false,
        tags: Set<String> = []
    ) {
        self.id = id
        self.tenant = tenant
        self.user = user
        self.roles = roles
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.cost = cost
        self.features = features
        self.isBackground = isBackground
        self.tags = tags
    }
}
