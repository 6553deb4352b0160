import Foundation
import HadalObjects

extension BackupRepository {
    public struct Cleared: Sendable {
        public var snapshots = 0
        public var points = 0
        public var chunks = 0
        public var bytes: Int64 = 0
    }

    /// Nothing that is younger is cleared away: who writes now may have stored it for a snapshot that is yet to come.
    private static let grace: TimeInterval = 24 * 3600

    /// Removes what the policy does not keep, then the chunks that nothing refers to any more.
    ///
    /// Killed at any moment it leaves a whole backup: points go before their snapshot, documents before chunks.
    public func clear(_ policy: RetentionPolicy, now: Date = Date()) async throws(BackupError) -> Cleared {
        var cleared = Cleared()
        let chosen = policy.choose(try await snapshots(), now: now)
        for snapshot in chosen.points {
            // The last one first: what stays of them goes on without a gap.
            for point in try await points(of: snapshot).reversed() {
                try await storage.delete(point.object)
                cleared.points += 1
            }
        }
        for snapshot in chosen.snapshots {
            try await storage.delete(snapshot.object)
            cleared.snapshots += 1
        }
        let chunks = try await storage.chunks()
        let used = try await used()
        let limit = now - Self.grace
        for (name, object) in chunks where object.modified < limit && !used.contains(name) {
            // Stored anew since it was listed?
            guard let current = try await storage.stat(name.object), current.modified < limit else { continue }
            try await storage.delete(name.object)
            cleared.chunks += 1
            cleared.bytes += object.size
        }
        return cleared
    }

    /// Chunks that something refers to.
    private func used() async throws(BackupError) -> Set<ChunkName> {
        var used: Set<ChunkName> = []
        for name in try await snapshots() {
            for file in try await snapshot(name).files { used.formUnion(file.chunks) }
            for content in try await contents(of: try await points(of: name)) {
                for file in content.changed { used.formUnion(file.chunks) }
                for piece in content.log { used.formUnion(piece.chunks) }
            }
        }
        return used
    }
}
