import Foundation

/// Writes snapshots and, after each, points: what has changed since. One call at a time, one process for a data directory.
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
        public var program: String

        public init(roots: [BackupRoot], scratch: String, owner: String, program: String) {
            (self.roots, self.scratch, self.owner, self.program) = (roots, scratch, owner, program)
        }
    }

    /// Seconds: more than the steps in which file systems tell times.
    private static let settling = 0.1
    /// Bytes that a copy of a database leaves free on its disk.
    private static let reserve: Int64 = 256 << 20
    /// Seconds by which the clock may be behind the last backup before it is told.
    private static let clockTolerance = 60.0

    private let repository: BackupRepository
    private let settings: Settings
    private let now: @Sendable () -> Date
    private let chunks: ChunkWriter
    /// The snapshot that points go on.
    private var current: SnapshotName?
    private var points = 0
    private var entries: [String: FileEntry] = [:]
    /// Of the snapshot, or the last point.
    private var lastTime = Date.distantPast
    private var lastProblems: [String] = []
    /// Files that were changed so shortly before they were read that a later change may have left the same time on them.
    private var unsettled: Set<String> = []
    private var followers: [String: DatabaseFollower] = [:]

    public init(
        _ repository: BackupRepository, _ settings: Settings, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(BackupError) {
        (self.repository, self.settings, self.now) = (repository, settings, now)
        chunks = ChunkWriter(repository: repository)
        try? FileManager.default.removeItem(atPath: settings.scratch)
        do {
            try FileManager.default.createDirectory(
                atPath: settings.scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .system(path: settings.scratch, operation: "make", code: errno) }
    }

    /// Everything. Files that have not changed since the last snapshot are not read again.
    /// - Parameter goesOn: asked before each file; where it says no, the snapshot ends with `BackupError.ended`.
    public func snapshot(
        while goesOn: @Sendable () -> Bool = { true }, progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws(BackupError) -> Report {
        let clock = ContinuousClock.now
        try await repository.check(owner: settings.owner)
        try await continueLast()
        let time = nextTime()
        let stored = await chunks.storedBytes
        let tree = tree()
        var found = Findings(problems: tree.problems + clockProblems)
        let total = tree.files.reduce(0) { $0 + $1.stamp.size }
        var done: Int64 = 0
        // Each database begins anew; where that fails half-way, also in the next point of the snapshot before.
        followers = [:]
        for file in tree.files {
            guard goesOn() else {
                followers = [:]
                throw .ended
            }
            do throws(BackupError) {
                found.files.append(try await entry(of: file))
            } catch {
                guard try isOfFile(error) else { continue }
                found.problems.append("\(error)")
                // Better what it was than nothing.
                if let old = entries[file.path] { found.files.append(old) }
            }
            done += file.stamp.size
            progress(Progress(done: done, total: total))
        }
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        let name = SnapshotName(time, isPartial: !found.problems.isEmpty)
        let snapshot = Snapshot(
            program: settings.program, host: ProcessInfo.processInfo.hostName, roots: settings.roots,
            files: found.files, problems: found.problems, seconds: seconds)
        do throws(BackupError) { try await repository.write(snapshot, as: name) } catch {
            followers = [:]
            throw error
        }
        (current, points, lastTime, lastProblems) = (name, 0, name.time, found.problems)
        await take(snapshot)
        return Report(
            snapshot: name, point: nil, time: name.time, files: found.files.count,
            bytes: found.files.reduce(0) { $0 + $1.size }, newBytes: await chunks.storedBytes - stored,
            seconds: seconds, problems: found.problems)
    }

    /// What changed since the snapshot or the point before.
    /// - Returns: nil where nothing has.
    public func point() async throws(BackupError) -> Report? {
        guard let current else { return try await snapshot() }
        let clock = ContinuousClock.now
        try await repository.check(owner: settings.owner)
        let time = nextTime()
        let stored = await chunks.storedBytes
        let tree = tree()
        var point = Point(problems: tree.problems + clockProblems)
        for file in tree.files {
            do throws(BackupError) {
                if file.isDatabase {
                    try await follow(file, &point)
                } else if unchanged(file) == nil {
                    point.changed.append(try await read(file))
                }
            } catch {
                if try isOfFile(error) { point.problems.append("\(error)") }
            }
        }
        // What a problem hides is not gone.
        if tree.problems.isEmpty {
            let paths = Set(tree.files.map(\.path))
            point.removed = entries.keys.filter { !paths.contains($0) }.sorted()
        }
        guard !point.isEmpty || point.problems != lastProblems else { return nil }
        do throws(BackupError) {
            try await repository.write(point, as: PointName(current, points + 1, time))
        } catch {
            followers = [:]
            throw error
        }
        (points, lastTime, lastProblems) = (points + 1, time, point.problems)
        for entry in point.changed { entries[entry.path] = entry }
        for path in point.removed {
            entries[path] = nil
            followers[path] = nil
        }
        return Report(
            snapshot: current, point: points, time: time, files: point.changed.count,
            bytes: point.changed.reduce(0) { $0 + $1.size } + point.log.reduce(0) { $0 + $1.size },
            newBytes: await chunks.storedBytes - stored, seconds: (ContinuousClock.now - clock) / .seconds(1),
            problems: point.problems)
    }

    // MARK: - Files

    private struct Findings {
        var files: [FileEntry] = []
        var problems: [String]
    }

    private func tree() -> FileTree {
        var tree = FileTree(excluded: settings.excluded)
        for root in settings.roots { tree.add(root) }
        return tree.inOrder
    }

    private func entry(of file: FoundFile) async throws(BackupError) -> FileEntry {
        if file.isDatabase { return try await copy(file) }
        if let entry = unchanged(file) { return entry }
        return try await read(file)
    }

    private func unchanged(_ file: FoundFile) -> FileEntry? {
        guard let entry = entries[file.path], entry.isSame(as: file.stamp), !unsettled.contains(file.path) else {
            return nil
        }
        return entry
    }

    /// As it is when it is opened, which may be long after it was found.
    private func read(_ file: FoundFile) async throws(BackupError) -> FileEntry {
        for _ in 0..<3 {
            let (names, before, after) = try await chunks.write(file: file.location)
            // Appended to is as good as not changed.
            guard after.modified == before.modified || after.size > before.size else { continue }
            if before.age < Self.settling || after != before {
                unsettled.insert(file.path)
            } else {
                unsettled.remove(file.path)
            }
            return FileEntry(file.path, .file, before, size: before.size, chunks: names)
        }
        throw .system(path: file.location, operation: "read, as it is written to again and again,", code: EBUSY)
    }

    /// - Returns: whether the file could not be read, rather than that it is gone.
    /// - Throws: where the backup's place fails. What was read of logs has then not arrived: the next point begins with new copies.
    private func isOfFile(_ error: BackupError) throws(BackupError) -> Bool {
        switch error {
        case .storage, .missing, .damaged, .takenOver, .noRepository:
            followers = [:]
            throw error
        case .system(_, _, ENOENT): return false
        default: return true
        }
    }

    // MARK: - Databases

    private func copy(_ file: FoundFile) async throws(BackupError) -> FileEntry {
        let follower = try DatabaseFollower(file)
        followers[file.path] = nil
        try checkRoom(try follower.size())
        let copy = settings.scratch + "/copy.db"
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        try follower.copy(to: copy)
        let (names, stamp, _) = try await chunks.write(file: copy)
        followers[file.path] = follower
        return FileEntry(file.path, .database, file.stamp, size: stamp.size, chunks: names)
    }

    private func checkRoom(_ bytes: Int64) throws(BackupError) {
        var status = statvfs()
        guard statvfs(settings.scratch, &status) == 0 else { return }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        guard free >= bytes + Self.reserve else {
            throw .noSpace(path: settings.scratch, needed: bytes + Self.reserve, free: free)
        }
    }

    private func follow(_ file: FoundFile, _ point: inout Point) async throws(BackupError) {
        guard let follower = followers[file.path], follower.follows(file), entries[file.path] != nil else {
            point.changed.append(try await copy(file))
            return
        }
        // Its place in the log is further on than what is written, unless all arrives.
        followers[file.path] = nil
        var pieces: [LogPiece] = []
        switch try follower.news() {
        case .nothing: break
        case .gap:
            point.changed.append(try await copy(file))
            return
        case .appended(let piece):
            var names: [ChunkName] = []
            var offset: Int64 = 0
            // In parts of some chunks each, however long a transaction is.
            while offset < piece.size {
                let bytes = try follower.bytes(of: piece, at: offset, 8 * BackupRepository.chunkBytes)
                names += try await chunks.write(bytes)
                offset += Int64(bytes.count)
            }
            guard try follower.take(piece) else {
                point.changed.append(try await copy(file))
                return
            }
            pieces.append(LogPiece(path: file.path, piece, names))
        }
        if let (piece, bytes) = try follower.makeRoom() {
            pieces.append(LogPiece(path: file.path, piece, try await chunks.write(bytes)))
        }
        followers[file.path] = follower
        point.log += pieces
    }

    // MARK: - Times, and what is there already

    /// Never before what is there, however the clock jumps: restoring goes by these times.
    private func nextTime() -> Date { max(now(), lastTime + 0.001) }

    private var clockProblems: [String] {
        let time = now()
        guard lastTime > time + Self.clockTolerance else { return [] }
        return [
            "the clock says \(time.ISO8601Format()), and the last backup is of \(lastTime.ISO8601Format()); set the clock. Until "
                + "then what is backed up has times right after that one"
        ]
    }

    /// Learns from the last snapshot and its points what needs not be written again. Those that do not open are passed over.
    private func continueLast() async throws(BackupError) {
        guard current == nil else { return }
        for name in try await repository.snapshots().reversed() {
            do throws(BackupError) {
                await take(try await repository.snapshot(name))
                lastTime = try await repository.points(of: name).last?.time ?? name.time
                return
            } catch {
                if case .storage = error { throw error }
            }
        }
    }

    private func take(_ snapshot: Snapshot) async {
        await chunks.rely(on: Set(snapshot.files.flatMap(\.chunks)))
        entries = Dictionary(snapshot.files.map { ($0.path, $0) }) { _, last in last }
    }
}
