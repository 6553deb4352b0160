import HadalAccess
import HadalWire

extension ContentStep {
    /// What the cache has for a request, and how an answer to it is kept.
    struct Lookup: Sendable {
        /// nil: not a request whose answers are given again.
        var result: Exchange.Cached?
        var answer: CachedAnswer?
        var keep: @Sendable (CachedAnswer) -> Void = { _ in }
    }

    /// - Parameter isMarked: its prompt is like no other.
    func cached(
        _ job: Job, _ deployment: Deployment, _ policy: ContentPolicy, _ visit: Visit, isMarked: Bool
    ) async throws -> Lookup {
        let tenant = visit.caller.principal.tenant
        guard let cachePolicy = policy.cache, !isMarked,
            let key = CacheKey(job.request, deployment, tenant: tenant, hasOwnSeed: job.hasOwnSeed)
        else { return Lookup() }
        guard visit.facts.cache != .avoid else { return Lookup(result: .bypass) }
        let cache = cache
        var lookup = Lookup(result: visit.facts.cache == .renew ? .bypass : .miss)
        lookup.keep = { cache.keep($0, for: key, lifetime: cachePolicy.lifetime, now: .now) }
        guard visit.facts.cache == .use else { return lookup }
        if let answer = cache.answer(for: key, now: .now) { return Lookup(result: .hit, answer: answer) }
        guard let similarity = cachePolicy.similarity,
            let model = served.first(where: { $0.served == similarity.model }),
            let similarityKey = SimilarityKey(
                job.request, deployment, embedder: model, tenant: tenant, hasOwnSeed: job.hasOwnSeed),
            let vector = await vector(of: similarityKey.text, model, id: job.request.id)
        else { return lookup }
        if let answer = cache.answer(similar: similarityKey, vector, threshold: similarity.threshold, now: .now) {
            return Lookup(result: .similar, answer: answer)
        }
        lookup.keep = {
            cache.keep(
                $0, for: key, similar: (similarityKey, vector), lifetime: cachePolicy.lifetime, now: .now)
        }
        return lookup
    }

    /// nil where the model cannot tell: a cache that fails is none.
    private func vector(of text: String, _ model: Deployment, id: String) async -> [Float]? {
        try? await model.client.embed(EmbedRequest(id: id, inputs: [.text(text)])).vectors.first?.floats
    }
}
