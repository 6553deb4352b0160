import Synchronization

/// Answers of deterministic requests, given again to the same request of the same tenant: one for the server, in memory.
///
/// What was used longest ago makes room. No tenant has more than half while others have something. Locks are held for
/// microseconds, a table that grows apart; vectors are compared, and answers freed, without one.
final class ResponseCache: Sendable {
    private struct State {
        var contents: CacheContents
        var lookups = CacheStatistics.Lookups()
        var tenants: [String: CacheStatistics.Lookups] = [:]

        mutating func count(_ tenant: String, _ change: (inout CacheStatistics.Lookups) -> Void) {
            change(&lookups)
            guard tenants[tenant] != nil || tenants.count < CacheStatistics.tenantsLimit else { return }
            change(&tenants[tenant, default: .init()])
        }
    }

    /// Bytes of an entry beside its answer: its places in the tables, at their least load.
    private static let entryBytes = 1024
    /// A larger part of the limit than one in so many would push out too much for one answer.
    private static let answersMin = 16
    /// What rounding takes from the cosine of equal vectors.
    private static let rounding = 1e-6

    private let state: Mutex<State>
    private let bytesLimit: Int

    /// - Parameter bytesLimit: of memory; 0: nothing is kept.
    init(bytesLimit: Int) {
        self.bytesLimit = bytesLimit
        state = Mutex(State(contents: CacheContents(bytesLimit: bytesLimit)))
    }

    /// The answer to the same request.
    func answer(for key: CacheKey, now: ContinuousClock.Instant) -> CachedAnswer? {
        let entry = state.withLock { state in
            let entry = state.contents.use(key, now)
            let isHit = entry.map { $0.expires > now } ?? false
            state.count(key.tenant) { if isHit { $0.hits += 1 } else { $0.misses += 1 } }
            return entry
        }
        return entry.flatMap { $0.expires > now ? $0.answer : nil }
    }

    /// The answer to the most similar request. Ask for the same one's before: a hit here takes the place of that miss.
    /// - Parameters:
    ///   - vector: of `key.text`, by the model that the key was made with.
    ///   - threshold: the least cosine.
    func answer(
        similar key: SimilarityKey, _ vector: [Float], threshold: Double, now: ContinuousClock.Instant
    ) -> CachedAnswer? {
        guard let vector = UnitVector(vector) else { return nil }
        var best: (key: CacheKey, cosine: Double)?
        for candidate in state.withLock({ $0.contents.candidates(in: key.group) }) where candidate.expires > now {
            guard let cosine = candidate.vector.cosine(with: vector), cosine >= threshold - Self.rounding,
                cosine > best?.cosine ?? -.infinity
            else { continue }
            best = (candidate.key, cosine)
        }
        guard let found = best?.key else { return nil }
        return state.withLock { state in
            // It may have gone meanwhile.
            guard let entry = state.contents.use(found, now), entry.expires > now else { return nil }
            state.count(found.tenant) {
                $0.similarHits += 1
                $0.misses -= 1
            }
            return entry.answer
        }
    }

    /// Keeps an answer, in the place of the one that the key has. One that is too large for this cache is not kept.
    /// - Parameter similar: by what similar requests find it, with the vector of its text.
    func keep(
        _ answer: CachedAnswer, for key: CacheKey, similar: (SimilarityKey, [Float])? = nil, lifetime: Duration,
        now: ContinuousClock.Instant
    ) {
        let similarity = similar.flatMap { key, numbers in
            UnitVector(numbers).map { CacheContents.Entry.Similarity(group: key.group, vector: $0) }
        }
        let entry = CacheContents.Entry(
            answer: answer, bytes: Self.entryBytes + answer.size + (similarity?.vector.size ?? 0),
            expires: now + lifetime, similarity: similarity)
        guard lifetime > .zero, entry.bytes <= bytesLimit / Self.answersMin else { return }
        var isKept = false
        while !isKept {
            var removed: [CacheContents.Entry] = []
            (isKept, removed) = state.withLock { state in
                var removed: [CacheContents.Entry] = []
                return (state.contents.keep(entry, for: key, now, removed: &removed), removed)
            }
            removed.removeAll()
        }
    }

    /// Forgets a tenant's answers. One that is being given now may be kept after that.
    func forget(tenant: String) {
        while !state.withLock({ $0.contents.removeSome(of: tenant) }).isEmpty {}
    }

    /// Forgets all answers, as `forget(tenant:)` does.
    func removeAll() { _ = state.withLock { $0.contents.removeAll() } }

    var statistics: CacheStatistics {
        state.withLock { state in
            CacheStatistics(
                lookups: state.lookups, entries: state.contents.count, bytes: state.contents.bytes,
                bytesLimit: bytesLimit, evictions: state.contents.evictions,
                tenants: state.tenants.reduce(into: [:]) { tenants, lookups in
                    tenants[lookups.key] = .init(
                        lookups: lookups.value, entries: state.contents.count(of: lookups.key),
                        bytes: state.contents.bytes(of: lookups.key))
                })
        }
    }
}
