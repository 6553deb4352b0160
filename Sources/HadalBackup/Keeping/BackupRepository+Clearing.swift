import Foundation
import HadalObjects

extension BackupRepository {
    public struct Cleared: Sendable {
        public var snapshots = 0
        public var points = 0
        public var chunks = 0
        public var bytes: Int64 = 0
    }

    private static let width = 16

    private static func checkCancellation() throws(BackupError) { if Task.isCancelled { throw .ended } }

    /// Nothing that is younger is cleared away: who writes now may have stored it for a snapshot that is yet to come.
    private static let grace: TimeInterval = 24 * 3600

    /// Removes what the policy does not keep, then the chunks that nothing refers to any more.
    ///
    /// Killed at any moment it leaves a whole backup: points go before their snapshot, documents before chunks.
    public func clear(_ policy: RetentionPolicy, now: Date = Date()) async throws(BackupError) -> Cleared {
        var cleared = Cleared()
        let chosen = policy.choose(try await snapshots(), now: now)
        for snapshot in chosen.points {
            // The last ones first: what stays of them goes on without a gap.
            let points = try await points(of: snapshot)
            _ = try await InParallel.map(points.reversed(), width: Self.width) { [storage] point throws(BackupError) in
                try Self.checkCancellation()
                try await storage.delete(point.object)
            }
            cleared.points += points.count
        }
        for snapshot in chosen.snapshots {
            try await storage.delete(snapshot.object)
            cleared.snapshots += 1
        }
        let chunks = try await storage.chunks()
        let used = try await used()
        let limit = now - Self.grace
        let unused = chunks.filter { $0.object.modified < limit && !used.contains($0.name) }
        let gone = try await InParallel.map(unused, width: Self.width) { [storage] item throws(BackupError) in
            try Self.checkCancellation()
            // Stored anew since it was listed?
            guard let current = try await storage.stat(item.name.object), current.modified < limit else { return false }
            try await storage.delete(item.name.object)
            return true
        }
        for (item, isGone) in zip(unused, gone) where isGone {
            cleared.chunks += 1
            cleared.bytes += item.object.size
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
