import Foundation
import HadalObjects

/// What is to be removed from a repository: documents first, then the chunks that nothing refers to without them.
///
/// Broken off at any moment it leaves a whole backup. Nothing may be written while a part of it is removed: what is
/// written may need a chunk that was not needed before. Chunks that are stored anew between two parts are left.
public struct Clearing: Sendable {
    /// Removed so far.
    public private(set) var snapshots = 0
    public private(set) var points = 0
    public private(set) var chunks = 0
    public private(set) var bytes: Int64 = 0
    /// Snapshots and points that do not open, so that nobody knows what they referred to.
    public let problems: [String]

    /// Removed at once.
    private static let width = 16
    private let repository: BackupRepository
    /// Not younger than this is what is removed: who writes now may have stored it for a snapshot that is yet to come.
    private let limit: Date
    /// Told before anything is removed; nil: it is told.
    private var record: ClearedRecord?
    /// In this order, the last points of a snapshot first: what stays of them goes on without a gap of more than
    /// `width`.
    private var oldPoints: ArraySlice<String>
    private var oldSnapshots: ArraySlice<String>
    private var oldChunks: ArraySlice<(name: ChunkName, size: Int64)>

    init(
        _ repository: BackupRepository, _ record: ClearedRecord, before limit: Date, points: [String],
        snapshots: [String],
        chunks: [(name: ChunkName, size: Int64)], problems: [String]
    ) {
        (self.repository, self.record, self.limit, self.problems) = (repository, record, limit, problems)
        (oldPoints, oldSnapshots, oldChunks) = (points[...], snapshots[...], chunks[...])
    }

    /// Removes some.
    /// - Returns: whether there is more.
    public mutating func step() async throws(BackupError) -> Bool {
        if let told = record, !(oldPoints.isEmpty && oldSnapshots.isEmpty) { try await repository.write(told) }
        record = nil
        if !oldPoints.isEmpty {
            let batch = Array(oldPoints.prefix(Self.width))
            _ = try await InParallel.map(batch, width: Self.width, repository.storage.delete)
            points += batch.count
            oldPoints = oldPoints.dropFirst(batch.count)
        } else if let snapshot = oldSnapshots.first {
            try await repository.storage.delete(snapshot)
            snapshots += 1
            oldSnapshots = oldSnapshots.dropFirst()
        } else {
            let batch = Array(oldChunks.prefix(Self.width))
            let gone = try await InParallel.map(batch, width: Self.width) { [self] chunk throws(BackupError) in
                // Stored anew since it was listed?
                guard let now = try await repository.storage.stat(chunk.name.object), now.modified < limit else {
                    return false
                }
                try await repository.storage.delete(chunk.name.object)
                return true
            }
            for (chunk, isGone) in zip(batch, gone) where isGone {
                chunks += 1
                bytes += chunk.size
            }
            oldChunks = oldChunks.dropFirst(batch.count)
        }
        return !(oldPoints.isEmpty && oldSnapshots.isEmpty && oldChunks.isEmpty)
    }
}
