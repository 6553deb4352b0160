/// In which order keys were used. Each act takes the same time however many there are.
struct UseOrder: Sendable {
    private struct Neighbours: Sendable {
        var older: CacheKey?
        var newer: CacheKey?
    }

    private var neighbours: [CacheKey: Neighbours] = [:]
    /// The one that was used longest ago.
    private(set) var oldest: CacheKey?
    private var newest: CacheKey?

    var count: Int { neighbours.count }

    /// Now, whether or not it is there already.
    mutating func use(_ key: CacheKey) {
        guard key != newest else { return }
        remove(key)
        neighbours[key] = Neighbours(older: newest, newer: nil)
        if let newest { neighbours[newest]?.newer = key } else { oldest = key }
        newest = key
    }

    mutating func remove(_ key: CacheKey) {
        guard let removed = neighbours.removeValue(forKey: key) else { return }
        if let older = removed.older { neighbours[older]?.newer = removed.newer } else { oldest = removed.newer }
        if let newer = removed.newer { neighbours[newer]?.older = removed.older } else { newest = removed.older }
    }
}
