import Foundation
import HadalText

/// Who asks what of whom: what rules may look at besides the text.
public struct RuleMetadata: Sendable, Hashable {
    public var tenant: String?
    public var user: String?
    public var roles: [String] = []
    public var model: String?
    /// The path, `/v1/chat/completions`.
    public var endpoint: String?
    /// The client's.
    public var address: String?
    /// Names in lower case; only those that rules may see.
    public var headers: [String: String] = [:]
    public var time = Date()

    public init() {}

    func value(of field: MetadataField) -> [String] {
        switch field {
        case .tenant: tenant.map { [$0] } ?? []
        case .user: user.map { [$0] } ?? []
        case .role: roles
        case .model: model.map { [$0] } ?? []
        case .endpoint: endpoint.map { [$0] } ?? []
        case .header(let name): headers[name].map { [$0] } ?? []
        }
    }
}

/// What a set of rules is asked about.
public struct RuleInput: Sendable {
    public var direction: RuleDirection
    /// Messages of a request, or an answer. A match lies within one of them; counts and lengths are of all together.
    public var texts: [NormalisedText]
    public var metadata: RuleMetadata
    /// What others found: `firewall`, `pii.email`, a classifier's.
    public var scores: [String: Double]

    public init(
        _ direction: RuleDirection, texts: [NormalisedText], metadata: RuleMetadata = RuleMetadata(),
        scores: [String: Double] = [:]
    ) {
        self.direction = direction
        self.texts = texts
        self.metadata = metadata
        self.scores = scores
    }

    public init(
        _ direction: RuleDirection, _ text: String, metadata: RuleMetadata = RuleMetadata(),
        scores: [String: Double] = [:]
    ) {
        self.init(direction, texts: [NormalisedText(text)], metadata: metadata, scores: scores)
    }
}
