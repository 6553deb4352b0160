import Crypto
import Foundation

/// What a limiter has to know of a request.
public struct LimitedRequest: Sendable, Hashable {
    /// Longer names are counted by their hash, so that what is kept for each stays small.
    static let nameBytesLimit = 256

    /// `Principal.keyID`, where it came with a key.
    public let key: String?
    public let user: String?
    public let tenant: String
    /// The name under which the model is served: one that exists.
    public let model: String
    public let promptTokens: Int
    /// The most that the client lets the answer have; nil: it says nothing.
    public let maximumAnswerTokens: Int?

    /// - Parameter promptTokens: an estimate.
    public init(
        key: String?, user: String?, tenant: String, model: String, promptTokens: Int, maximumAnswerTokens: Int? = nil
    ) {
        self.key = key.map(LimitedRequest.bounded)
        self.user = user.map(LimitedRequest.bounded)
        self.tenant = LimitedRequest.bounded(tenant)
        self.model = LimitedRequest.bounded(model)
        self.promptTokens = promptTokens
        self.maximumAnswerTokens = maximumAnswerTokens
    }

    /// Somebody who came with a token and is no user of ours is counted by the token's subject.
    public init(_ principal: Principal, model: String, promptTokens: Int, maximumAnswerTokens: Int? = nil) {
        self.init(
            key: principal.keyID, user: principal.userID ?? (principal.method == .token ? principal.id : nil),
            tenant: principal.tenant, model: model, promptTokens: promptTokens,
            maximumAnswerTokens: maximumAnswerTokens)
    }

    private static func bounded(_ name: String) -> String {
        guard name.utf8.count > nameBytesLimit else { return name }
        let digest = SHA256.hash(data: Data(name.utf8))
        return "sha256:" + digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
