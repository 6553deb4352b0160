import HadalJSON
import HadalWire
import Testing

@testable import HadalGateway

/// Requests and answers for a cache.
enum CacheFixtures {
    static let now = ContinuousClock.Instant.now
    static let variables = JSON.Object([("thinking", false)])
    static let model = identity("sha-1")!

    static func identity(
        _ digest: String?, served: String = "scripted", fingerprint: String = "fp", contextLength: Int = 64
    ) -> ModelIdentity? {
        ModelIdentity(
            served: served,
            WorkerModel(
                architecture: "scripted", contextLength: contextLength, vocabularySize: 10, parameters: 0,
                weightBytes: 0, fingerprint: fingerprint, abilities: [.chat], digest: digest))
    }

    static func request(
        _ text: String = "Where is the cat?", _ change: (inout WorkerRequest) -> Void = { _ in }
    ) -> WorkerRequest {
        let messages: [JSON] = [
            ["role": "system", "content": "Be brief."], ["role": "user", "content": .string(text)],
        ]
        var request = WorkerRequest(id: "chat-1", prompt: .messages(messages, variables: variables))
        request.sampling.temperature = 0
        change(&request)
        return request
    }

    static func key(
        _ text: String = "Where is the cat?", tenant: String = "default", hasOwnSeed: Bool = false,
        _ change: (inout WorkerRequest) -> Void = { _ in }
    ) -> CacheKey? {
        CacheKey(request(text, change), model, tenant: tenant, hasOwnSeed: hasOwnSeed)
    }

    static func similarityKey(
        _ text: String = "Where is the cat?", tenant: String = "default", embedder: ModelIdentity? = identity("e"),
        hasOwnSeed: Bool = false, _ change: (inout WorkerRequest) -> Void = { _ in }
    ) -> SimilarityKey? {
        embedder.flatMap { embedder in
            SimilarityKey(
                request(text, change), model, embedder: embedder, tenant: tenant, hasOwnSeed: hasOwnSeed)
        }
    }

    /// The key of a request of that text, which is deterministic.
    static func known(_ text: String, tenant: String = "default") throws -> CacheKey {
        try #require(key(text, tenant: tenant))
    }

    static func similar(_ text: String) throws -> SimilarityKey { try #require(similarityKey(text)) }

    static func answer(
        _ pieces: [GenerationDelta], finish: FinishReason = .stop, warnings: [String] = []
    ) -> CachedAnswer? {
        var gathering = CachedAnswer.Gathering()
        for piece in pieces { gathering.take(piece) }
        return gathering.answer(
            GenerationSummary(finish: finish, usage: Usage(promptTokens: 5, completionTokens: 2), warnings: warnings))
    }

    static func answer(_ text: String) -> CachedAnswer {
        answer([GenerationDelta(part: .content, text: text, tokens: [GeneratedToken(id: 7)])])!
    }

    static func answer(kilobytes: Int) -> CachedAnswer { answer(String(repeating: "x", count: kilobytes << 10)) }
}

extension CachedAnswer {
    var text: String { deltas.map(\.text).joined() }
}

extension ResponseCache {
    /// For an hour, now.
    func keep(_ answer: CachedAnswer, _ key: CacheKey, similar: (SimilarityKey, [Float])? = nil) {
        keep(answer, for: key, similar: similar, lifetime: .seconds(3600), now: CacheFixtures.now)
    }

    func text(_ key: CacheKey, after seconds: Int = 0) -> String? {
        answer(for: key, now: CacheFixtures.now + .seconds(seconds))?.text
    }

    func text(_ key: SimilarityKey, _ vector: [Float], threshold: Double, after seconds: Int = 0) -> String? {
        answer(similar: key, vector, threshold: threshold, now: CacheFixtures.now + .seconds(seconds))?.text
    }
}
