import Crypto
import HadalJSON
import HadalWire

/// What an answer is found by: all that decides it, and whose it is.
struct CacheKey: Sendable, Hashable {
    /// Part of the digest, too.
    let tenant: String
    private let digest: RequestDigest

    /// - Parameter hasOwnSeed: whether the client chose the request's seed; one that was drawn is another each time.
    /// - Returns: nil where asking again may give another answer.
    init?(_ request: WorkerRequest, _ model: ModelIdentity, tenant: String, hasOwnSeed: Bool) {
        guard let request = request.deciding(hasOwnSeed: hasOwnSeed) else { return nil }
        self.tenant = tenant
        digest = RequestDigest(["same", .string(tenant), model.json, request.json])
    }

    static func == (left: CacheKey, right: CacheKey) -> Bool { left.digest == right.digest }

    func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    /// - Returns: nil also while it is not known what the deployment's model is.
    init?(_ request: WorkerRequest, _ deployment: Deployment, tenant: String, hasOwnSeed: Bool) {
        guard let model = deployment.identity else { return nil }
        self.init(request, model, tenant: tenant, hasOwnSeed: hasOwnSeed)
    }
}

/// What requests have in common that differ in their last message's words alone.
struct SimilarityKey: Sendable {
    let group: RequestDigest
    /// The last message's.
    let text: String

    /// - Parameter embedder: the model whose vectors are compared: those of different models say nothing of each other.
    /// - Returns: nil also where the prompt is no conversation that ends with a user's message.
    init?(
        _ request: WorkerRequest, _ model: ModelIdentity, embedder: ModelIdentity, tenant: String, hasOwnSeed: Bool
    ) {
        guard var request = request.deciding(hasOwnSeed: hasOwnSeed),
            case .messages(var messages, let variables) = request.prompt,
            var last = messages.popLast()?.object, last["role"] == .string(ChatMessage.Role.user.rawValue),
            let text = last["content"]?.string, !text.isEmpty
        else { return nil }
        last["content"] = nil
        request.prompt = .messages(messages + [.object(last)], variables: variables)
        self.text = text
        group = RequestDigest(["similar", .string(tenant), model.json, embedder.json, request.json])
    }

    /// - Returns: nil also while it is not known what one of the models is.
    init?(
        _ request: WorkerRequest, _ deployment: Deployment, embedder: Deployment, tenant: String, hasOwnSeed: Bool
    ) {
        guard let model = deployment.identity, let embedder = embedder.identity else { return nil }
        self.init(request, model, embedder: embedder, tenant: tenant, hasOwnSeed: hasOwnSeed)
    }
}

/// SHA-256, as numbers: it is looked up and compared under a lock, many times for each request.
struct RequestDigest: Sendable, Hashable {
    private let words: SIMD4<UInt64>

    fileprivate init(_ parts: JSON) {
        words = SHA256.hash(data: parts.bytes).withUnsafeBytes { $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    }

    /// Any part of a digest is as good a hash as all of it.
    func hash(into hasher: inout Hasher) { hasher.combine(words[0]) }
}

/// What tells a model's answers from another's.
struct ModelIdentity: Sendable {
    let json: JSON

    /// - Parameter served: the name that the server was started with.
    /// - Returns: nil without the digest: models of one shape have one fingerprint, whatever they learnt.
    init?(served: String, _ model: WorkerModel) {
        guard let digest = model.digest else { return nil }
        json = [
            .string(served), .string(digest), .string(model.fingerprint),
            // Where a request sets no limit, its answer goes on as long as this allows.
            .int(Int64(model.contextLength)),
        ]
    }
}

extension Deployment {
    fileprivate var identity: ModelIdentity? { model.flatMap { ModelIdentity(served: served, $0) } }
}

extension WorkerRequest {
    /// The request without what makes no difference to its answer; nil where its answer is left to chance. What a request
    /// says nothing of is the model's to decide, so a temperature that is not there counts as one above 0.
    fileprivate func deciding(hasOwnSeed: Bool) -> WorkerRequest? {
        let isGreedy = sampling.temperature == 0
        guard isGreedy || hasOwnSeed else { return nil }
        var request = self
        (request.id, request.tenant, request.priority, request.startSeconds) = ("", "", 0, nil)
        if isGreedy { request.sampling.seed = nil }
        return request
    }
}
