import HadalJSON

/// How a cache of answers is used. Requests whose answers are never kept are not counted.
struct CacheStatistics: Sendable, Hashable {
    /// How lookups ended, since the server was started.
    struct Lookups: Sendable, Hashable {
        var hits = 0
        var similarHits = 0
        var misses = 0
    }

    struct Tenant: Sendable, Hashable {
        var lookups: Lookups
        var entries: Int
        /// Of memory.
        var bytes: Int
    }

    /// Further tenants are counted in `lookups` alone.
    static let tenantsLimit = 1000

    var lookups = Lookups()
    var entries = 0
    /// Of memory.
    var bytes = 0
    var bytesLimit = 0
    /// Answers that were removed to make room, since the server was started.
    var evictions = 0
    var tenants: [String: Tenant] = [:]

    var json: JSON {
        .object(
            JSON.Object(
                lookups.members + [
                    ("entries", .int(Int64(entries))), ("bytes", .int(Int64(bytes))),
                    ("bytesLimit", .int(Int64(bytesLimit))), ("evictions", .int(Int64(evictions))),
                    (
                        "tenants",
                        .array(tenants.sorted { $0.key < $1.key }.map { name, tenant in tenant.json(name) })
                    ),
                ]))
    }
}

extension CacheStatistics.Lookups {
    fileprivate var members: [(String, JSON)] {
        [
            ("hits", .int(Int64(hits))), ("similarHits", .int(Int64(similarHits))),
            ("misses", .int(Int64(misses))),
        ]
    }
}

extension CacheStatistics.Tenant {
    fileprivate func json(_ name: String) -> JSON {
        .object(
            JSON.Object(
                [("tenant", .string(name))] + lookups.members + [
                    ("entries", .int(Int64(entries))), ("bytes", .int(Int64(bytes))),
                ]))
    }
}
