/// The answers that are kept, within their limits: the bytes of all, and half of them for one tenant while others have some.
/// What is removed is handed back, so that it can be freed where nobody waits for it.
struct CacheContents: Sendable {
    struct Entry: Sendable {
        let answer: CachedAnswer
        let bytes: Int
        let expires: ContinuousClock.Instant
        let similarity: Similarity?

        struct Similarity: Sendable {
            let group: RequestDigest
            let vector: UnitVector
        }
    }

    /// An entry as it is compared with others.
    struct Candidate: Sendable {
        let key: CacheKey
        let vector: UnitVector
        let expires: ContinuousClock.Instant
    }

    private struct Tenant: Sendable {
        var uses = UseOrder()
        var bytes = 0
    }

    /// Of entries that are compared with each other; the latest.
    static let candidatesLimit = 1000
    /// Entries that one call removes at most: it is called under a lock.
    private static let removalsLimit = 16

    let bytesLimit: Int
    private(set) var bytes = 0
    /// Entries that were removed to make room.
    private(set) var evictions = 0
    private var entries: [CacheKey: Entry] = [:]
    private var uses = UseOrder()
    /// Those that have entries.
    private var tenants: [String: Tenant] = [:]
    /// In the order in which they were kept.
    private var groups: [RequestDigest: [Candidate]] = [:]

    init(bytesLimit: Int) { self.bytesLimit = bytesLimit }

    var count: Int { entries.count }

    func count(of tenant: String) -> Int { tenants[tenant]?.uses.count ?? 0 }

    func bytes(of tenant: String) -> Int { tenants[tenant]?.bytes ?? 0 }

    func candidates(in group: RequestDigest) -> [Candidate] { groups[group] ?? [] }

    /// Notes that an entry was used.
    /// - Returns: the entry, which is removed where its time is over.
    mutating func use(_ key: CacheKey, _ now: ContinuousClock.Instant) -> Entry? {
        guard let entry = entries[key] else { return nil }
        guard entry.expires > now else { return remove(key) }
        uses.use(key)
        tenants[key.tenant]?.uses.use(key)
        return entry
    }

    /// Keeps an entry in the place of the one that the key has, or makes some room for it.
    /// - Parameter entry: no more than half of the limit.
    /// - Returns: whether it is kept; if not, it takes further calls.
    mutating func keep(
        _ entry: Entry, for key: CacheKey, _ now: ContinuousClock.Instant, removed: inout [Entry]
    ) -> Bool {
        if let former = remove(key) { removed.append(former) }
        while let victim = victim(of: entry.bytes, for: key.tenant, now) {
            guard removed.count < Self.removalsLimit, let entry = remove(victim) else { return false }
            if entry.expires > now { evictions += 1 }
            removed.append(entry)
        }
        add(entry, for: key)
        return true
    }

    /// Removes some of a tenant's entries.
    /// - Returns: none where none is left.
    mutating func removeSome(of tenant: String) -> [Entry] {
        var removed: [Entry] = []
        while removed.count < Self.removalsLimit, let key = tenants[tenant]?.uses.oldest, let entry = remove(key) {
            removed.append(entry)
        }
        return removed
    }

    /// - Returns: what was there.
    mutating func removeAll() -> CacheContents {
        let former = self
        self = CacheContents(bytesLimit: bytesLimit)
        evictions = former.evictions
        return former
    }

    /// What has to go before so many bytes are added; nil: they fit. Only who was alone can have more than half.
    private func victim(of added: Int, for tenant: String, _ now: ContinuousClock.Instant) -> CacheKey? {
        if let oldest = uses.oldest, let entry = entries[oldest], entry.expires <= now { return oldest }
        let half = bytesLimit / 2
        let own = tenants[tenant]
        if let own, tenants.count > 1, own.bytes + added > half { return own.uses.oldest }
        if own == nil, tenants.count == 1, let other = tenants.values.first, other.bytes > half {
            return other.uses.oldest
        }
        return bytes + added > bytesLimit ? uses.oldest : nil
    }

    private mutating func add(_ entry: Entry, for key: CacheKey) {
        entries[key] = entry
        bytes += entry.bytes
        uses.use(key)
        tenants[key.tenant, default: Tenant()].uses.use(key)
        tenants[key.tenant]?.bytes += entry.bytes
        guard let similarity = entry.similarity else { return }
        groups[similarity.group, default: []].append(
            Candidate(key: key, vector: similarity.vector, expires: entry.expires))
        if groups[similarity.group, default: []].count > Self.candidatesLimit {
            groups[similarity.group]?.removeFirst()
        }
    }

    private mutating func remove(_ key: CacheKey) -> Entry? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        bytes -= entry.bytes
        uses.remove(key)
        tenants[key.tenant]?.uses.remove(key)
        tenants[key.tenant]?.bytes -= entry.bytes
        if count(of: key.tenant) == 0 { tenants[key.tenant] = nil }
        if let group = entry.similarity?.group {
            if let index = groups[group]?.firstIndex(where: { $0.key == key }) { groups[group]?.remove(at: index) }
            if groups[group]?.isEmpty == true { groups[group] = nil }
        }
        return entry
    }
}
