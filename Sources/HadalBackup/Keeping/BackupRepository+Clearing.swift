import Foundation
import HadalObjects

extension BackupRepository {
    /// Seconds for which a chunk stays that nothing refers to.
    private static let grace: TimeInterval = 24 * 3600

    /// Looks for what the policy does not keep, and the chunks that nothing else refers to. Removes nothing yet.
    /// - Parameter owner: who backs up to this place (`BackupKeyFile.Content`): nobody else may.
    public func clearing(
        _ policy: RetentionPolicy, owner: String, now: Date = Date()
    ) async throws(BackupError) -> Clearing {
        try await check(owner: owner)
        let all = try await snapshots()
        let chosen = policy.choose(all, now: now)
        var problems: [String] = []
        var record =
            try await Self.found({ () throws(BackupError) in try await cleared() }, &problems) ?? ClearedRecord()
        for name in chosen.snapshots {
            let snapshot = try await Self.found({ () throws(BackupError) in try await self.snapshot(name) }, &problems)
            record.add(name, previous: snapshot?.previous)
        }
        var oldPoints: [String] = []
        for snapshot in chosen.points {
            record.addPoints(of: snapshot)
            oldPoints += try await storage.list(snapshot.points).map { snapshot.points + $0.name }.sorted(by: >)
        }
        // Before what refers to them is looked for: those that are stored meanwhile are not among them.
        let chunks = try await storage.chunks()
        var used: Set<ChunkName> = []
        let (goes, goAlone) = (Set(chosen.snapshots), Set(chosen.points))
        for name in all where !goes.contains(name) {
            guard let snapshot = try await Self.found({ () throws(BackupError) in try await snapshot(name) }, &problems)
            else { continue }
            for file in snapshot.files { used.formUnion(file.chunks) }
            guard !goAlone.contains(name) else { continue }
            let contents = try await InParallel.map(try await points(of: name), width: 16) { name throws(BackupError) in
                var problems: [String] = []
                let point = try await Self.found({ () throws(BackupError) in try await self.point(name) }, &problems)
                return (point: point, problems: problems)
            }
            for (point, found) in contents {
                for file in point?.changed ?? [] { used.formUnion(file.chunks) }
                for piece in point?.log ?? [] { used.formUnion(piece.chunks) }
                problems += found
            }
        }
        let limit = now - Self.grace
        return Clearing(
            self, record, before: limit, points: oldPoints, snapshots: chosen.snapshots.map(\.object),
            chunks: chunks.filter { $0.object.modified < limit && !used.contains($0.name) }.map {
                ($0.name, $0.object.size)
            },
            problems: problems)
    }

    /// - Returns: nil where it is missing or damaged, which is a problem: what it refers to is lost anyway.
    private static func found<Document>(
        _ get: () async throws(BackupError) -> Document, _ problems: inout [String]
    ) async throws(BackupError) -> Document? {
        do throws(BackupError) { return try await get() } catch {
            switch error {
            case .damaged, .missing: problems.append("\(error)")
            default: throw error
            }
            return nil
        }
    }
}
