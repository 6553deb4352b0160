/// A snapshot and the points after it: what the next point goes on from.
struct Chain {
    var snapshot: SnapshotName
    /// How many there are.
    var points: Int
    /// By their paths.
    var entries: [String: FileEntry]
    /// By a database's path: what its log grew by since its entry, in order.
    var logs: [String: [LogPiece]]
    /// Databases whose `logs` the snapshot lacks, and the next point is to bring.
    var owed: Set<String> = []
    /// Of the snapshot, or the last point.
    var problems: [String]
    var followers: [String: DatabaseFollower] = [:]
    /// Files that were changed so shortly before they were read that a later change may have left the same time on
    /// them.
    var unsettled: Set<String> = []
    let chunks: ChunkWriter

    /// Chunks that it refers to.
    var references: Set<ChunkName> { Self.references(entries, logs) }

    static func references(_ entries: [String: FileEntry], _ logs: [String: [LogPiece]]) -> Set<ChunkName> {
        Set(entries.values.flatMap(\.chunks)).union(logs.values.joined().flatMap(\.chunks))
    }

    /// What is there already. Databases are followed from their next copies on.
    init(_ plan: RestorePlan, _ repository: BackupRepository) {
        (snapshot, points, problems) = (plan.snapshot, plan.points, plan.problems)
        (entries, logs) = (Dictionary(uniqueKeysWithValues: plan.files.map { ($0.path, $0) }), plan.logs)
        chunks = ChunkWriter(repository: repository, known: Self.references(entries, logs))
    }

    init(_ draft: SnapshotDraft, as snapshot: SnapshotName) {
        (self.snapshot, points, problems) = (snapshot, 0, draft.problems)
        (entries, logs) = (draft.entries, draft.logs)
        owed = Set(logs.keys)
        (followers, unsettled, chunks) = (draft.followers, draft.unsettled, draft.chunks)
    }

    /// - Returns: nil where it is to be read (again).
    func unchanged(_ file: FoundFile) -> FileEntry? {
        guard let entry = entries[file.path], entry.isSame(as: file.stamp), !unsettled.contains(file.path) else {
            return nil
        }
        return entry
    }

    /// It is as the entry says from now on.
    mutating func take(_ entry: FileEntry) {
        entries[entry.path] = entry
        logs[entry.path] = nil
        owed.remove(entry.path)
    }

    mutating func remove(_ path: String) {
        (entries[path], logs[path], followers[path]) = (nil, nil, nil)
        owed.remove(path)
    }
}
