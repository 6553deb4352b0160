import Foundation

/// Writes snapshots and, after each, points: what has changed since. One process for a data directory; a snapshot is
/// prepared beside the points of the one before, all else is one call at a time.
public actor BackupWriter {
    /// What a snapshot or a point took.
    public struct Report: Sendable {
        public var snapshot: SnapshotName
        /// nil: of the snapshot itself.
        public var point: Int?
        public var time: Date
        public var files: Int
        /// Of all files.
        public var bytes: Int64
        /// That were not in the backup before.
        public var newBytes: Int64
        public var seconds: Double
        /// Files that could not be read, with the reason. The next point tries them again.
        public var problems: [String]
    }

    /// What came of a point.
    public enum Outcome: Sendable {
        case written(Report)
        /// Nothing has changed, and what could not be read before cannot be read now.
        case unchanged(problems: [String])

        public var problems: [String] {
            switch self {
            case .written(let report): report.problems
            case .unchanged(let problems): problems
            }
        }
    }

    public struct Progress: Sendable {
        public var done: Int64
        public var total: Int64
    }

    /// What is to be backed up, and by whom.
    public struct Settings: Sendable {
        public var roots: [BackupRoot]
        /// Directories that are left out, by their paths in the backup.
        public var excluded: Set<String> = []
        /// A directory for copies of databases, made and emptied.
        public var scratch: String
        /// Who backs up to this place (`BackupRepository.owner`).
        public var owner: String
        /// The data directory, where `BackupHead` is written; nil: nowhere.
        public var head: String?

        public init(roots: [BackupRoot], scratch: String, owner: String) {
            (self.roots, self.scratch, self.owner) = (roots, scratch, owner)
        }
    }

    /// Bytes that a copy of a database leaves free on its disk.
    private static let reserve: Int64 = 256 << 20
    /// Seconds by which the clock may be behind the last backup before it is told.
    private static let clockTolerance = 60.0

    let repository: BackupRepository
    let settings: Settings
    private let now: @Sendable () -> Date
    private var hasLooked = false
    /// What points go on from; nil until there is a snapshot.
    var chain: Chain?
    /// Prepared, and not adopted yet.
    var draft: SnapshotDraft?
    /// Chunks that a snapshot stored which came to nothing: the next one needs not store them again.
    var leftOver: Set<ChunkName> = []
    /// What the next snapshot names as the one before.
    private(set) var last: SnapshotLink?
    /// What the place had, and has no more.
    public private(set) var lostEnd: String?
    /// The last time that was given out.
    private var lastTime = Date.distantPast

    public init(
        _ repository: BackupRepository, _ settings: Settings, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(BackupError) {
        (self.repository, self.settings, self.now) = (repository, settings, now)
        try? FileManager.default.removeItem(atPath: settings.scratch)
        do {
            try FileManager.default.createDirectory(
                atPath: settings.scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .system(path: settings.scratch, operation: "make", code: errno) }
    }

    /// Everything, and what changed while it was read.
    /// - Parameter goesOn: asked again and again; where it says no, the snapshot ends with `BackupError.ended`.
    public func snapshot(
        while goesOn: @escaping @Sendable () -> Bool = { true }, progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws(BackupError) -> Report {
        try await prepare(while: goesOn, progress: progress)
        let report = try await adopt()
        _ = try await point()
        return report
    }

    /// Goes on from what is there already.
    /// - Returns: whether there is a snapshot whose points can be gone on with.
    @discardableResult
    public func goOn() async throws(BackupError) -> Bool {
        guard !hasLooked else { return chain != nil }
        let latest = try await repository.latest(at: nil)
        var lost: String?
        if let head = settings.head.flatMap(BackupHead.init(in:)), head.owner == settings.owner {
            // Where that does not open, a check tells.
            lost = try? await repository.missing(head.link)
        }
        var plan: RestorePlan?
        do throws(BackupError) { plan = try await repository.plan() } catch {
            switch error {
            // A snapshot begins anew.
            case .noSnapshot, .damaged, .missing: break
            default: throw error
            }
        }
        // A point and a snapshot may have begun at once.
        guard !hasLooked else { return chain != nil }
        hasLooked = true
        lostEnd = lost
        if let latest {
            lastTime = latest.points.last?.time ?? latest.name.time
            last = SnapshotLink(latest.name, points: latest.points.count)
        }
        chain = plan.map { Chain($0, repository) }
        return chain != nil
    }

    /// The backup goes so far now.
    func reached(_ snapshot: SnapshotName, points: Int) {
        let link = SnapshotLink(snapshot, points: points)
        last = link
        if points == 0 { lostEnd = nil }
        if let data = settings.head { BackupHead(owner: settings.owner, link).write(in: data) }
    }

    // MARK: - Files

    func tree() -> FileTree {
        var tree = FileTree(excluded: settings.excluded)
        for root in settings.roots { tree.add(root) }
        return tree
    }

    /// - Returns: why a file could not be read; nil where it is gone.
    /// - Throws: where it is not the file that fails.
    func problem(_ error: BackupError) throws(BackupError) -> String? {
        switch error {
        case .storage, .missing, .damaged, .takenOver, .noRepository, .ended: throw error
        case .system(_, _, ENOENT): return nil
        default: return "\(error)"
        }
    }

    /// - Parameter follower: holds what is to be copied.
    func copy(
        _ file: FoundFile, _ follower: DatabaseFollower, _ chunks: ChunkWriter,
        while goesOn: @escaping @Sendable () -> Bool
    ) async throws(BackupError) -> FileEntry {
        let bytes = try follower.size()
        var status = statvfs()
        if statvfs(settings.scratch, &status) == 0 {
            let free = Int64(status.f_bavail) * Int64(status.f_frsize)
            guard free >= bytes + Self.reserve else {
                throw .noSpace(path: settings.scratch, needed: bytes + Self.reserve, free: free)
            }
        }
        let copy = settings.scratch + "/" + UUID().uuidString
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        try await follower.copy(to: copy, while: goesOn)
        let (names, stamp, _) = try await chunks.write(file: copy, while: goesOn)
        return FileEntry(file.path, .database, file.stamp, size: stamp.size, chunks: names)
    }

    // MARK: - Times

    /// Never before what is there, however the clock jumps: restoring goes by these times.
    func nextTime() -> Date {
        lastTime = max(now(), lastTime + 0.001)
        return lastTime
    }

    /// What is wrong with the clock; what is backed up is whole all the same.
    public var clockProblem: String? {
        guard lastTime > now() + Self.clockTolerance else { return nil }
        return
            "the clock is behind the last backup; set it. Until then what is backed up has times right after that one's"
    }
}
