import Foundation

/// Writes snapshots and, after each, points: what has changed since. One at a time writes to a repository.
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

    /// Seconds: more than the steps in which file systems tell times.
    private static let settling = 0.1

    private let repository: BackupRepository
    private let roots: [BackupRoot]
    private let scratch: String
    private let program: String
    private let now: @Sendable () -> Date
    private let chunks: ChunkWriter
    /// The snapshot that points go on.
    private var current: SnapshotName?
    private var points = 0
    private var entries: [String: FileEntry] = [:]
    /// Of the snapshot, or the last point.
    private var lastTime = Date.distantPast
    /// Files that were changed so shortly before they were read that a later change may have left the same time on them.
    private var unsettled: Set<String> = []
    private var followers: [String: DatabaseFollower] = [:]
    private let excluded: Set<String>

    /// - Parameters:
    ///   - scratch: a directory for copies of databases, made and emptied.
    ///   - excluded: directories that are left out, by their paths in the backup.
    public init(
        _ repository: BackupRepository, roots: [BackupRoot], scratch: String, excluded: Set<String> = [],
        program: String, now: @escaping @Sendable () -> Date = { Date() }
    ) throws(BackupError) {
        (self.repository, self.roots, self.scratch, self.program) = (repository, roots, scratch, program)
        (self.excluded, self.now) = (excluded, now)
        chunks = ChunkWriter(repository: repository)
        try? FileManager.default.removeItem(atPath: scratch)
        do {
            try FileManager.default.createDirectory(
                atPath: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .system(path: scratch, operation: "make", code: errno) }
    }

    /// Everything. Files that have not changed since the last snapshot are not read again.
    public func snapshot(
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws(BackupError) -> Report {
        let clock = ContinuousClock.now
        try await continueLast()
        let name = SnapshotName(nextTime())
        let stored = await chunks.storedBytes
        let tree = tree()
        var all: [FileEntry] = []
        let total = tree.files.reduce(0) { $0 + $1.stamp.size }
        var done: Int64 = 0
        var problems = tree.problems
        followers = followers.filter { path, _ in tree.files.contains { $0.path == path } }
        for file in tree.files {
            do throws(BackupError) {
                if file.isDatabase {
                    all.append(try await copy(file))
                } else if let entry = unchanged(file) {
                    all.append(entry)
                } else {
                    all.append(try await read(file))
                }
            } catch {
                if Self.isStorages(error) {
                    followers = [:]
                    throw error
                }
                if !Self.isGone(file) { problems.append("\(error)") }
            }
            done += file.stamp.size
            progress(Progress(done: done, total: total))
        }
        let seconds = (ContinuousClock.now - clock) / .seconds(1)
        let snapshot = Snapshot(
            program: program, host: ProcessInfo.processInfo.hostName, roots: roots, files: all, problems: problems,
            seconds: seconds)
        do throws(BackupError) { try await repository.write(snapshot, as: name) } catch {
            followers = [:]
            throw error
        }
        (current, points, lastTime) = (name, 0, name.time)
        await take(snapshot)
        return Report(
            snapshot: name, point: nil, time: name.time, files: all.count,
            bytes: all.reduce(0) { $0 + $1.size }, newBytes: await chunks.storedBytes - stored, seconds: seconds,
            problems: problems)
    }

    /// What changed since the snapshot or the point before.
    /// - Returns: nil where nothing has.
    public func point() async throws(BackupError) -> Report? {
        guard let current else { return try await snapshot() }
        let clock = ContinuousClock.now
        let time = nextTime()
        let stored = await chunks.storedBytes
        let tree = tree()
        var point = Point()
        var problems = tree.problems
        for file in tree.files {
            do throws(BackupError) {
                if file.isDatabase {
                    try await follow(file, &point)
                } else if unchanged(file) == nil {
                    point.changed.append(try await read(file))
                }
            } catch {
                if Self.isStorages(error) {
                    // What was read of the logs has not arrived: the next point begins with new copies.
                    followers = [:]
                    throw error
                }
                if !Self.isGone(file) { problems.append("\(error)") }
            }
        }
        // What a problem hides is not gone.
        if tree.problems.isEmpty {
            let found = Set(tree.files.map(\.path))
            point.removed = entries.keys.filter { !found.contains($0) }.sorted()
        }
        let report = Report(
            snapshot: current, point: points + 1, time: time, files: point.changed.count,
            bytes: point.changed.reduce(0) { $0 + $1.size } + point.log.reduce(0) { $0 + $1.size },
            newBytes: await chunks.storedBytes - stored, seconds: (ContinuousClock.now - clock) / .seconds(1),
            problems: problems)
        if point.isEmpty { return problems.isEmpty ? nil : report }
        do throws(BackupError) {
            try await repository.write(point, as: PointName(current, points + 1, time))
        } catch {
            followers = [:]
            throw error
        }
        points += 1
        lastTime = time
        for entry in point.changed { entries[entry.path] = entry }
        for path in point.removed {
            entries[path] = nil
            followers[path] = nil
        }
        for follower in followers.values { try? follower.makeRoom() }
        return report
    }

    // MARK: - Files

    private func tree() -> FileTree {
        var tree = FileTree(excluded: excluded)
        for root in roots { tree.add(root) }
        return tree.inOrder
    }

    private func unchanged(_ file: FoundFile) -> FileEntry? {
        guard let entry = entries[file.path], entry.isSame(as: file.stamp), !unsettled.contains(file.path) else {
            return nil
        }
        return entry
    }

    private func read(_ file: FoundFile) async throws(BackupError) -> FileEntry {
        let age = Date().timeIntervalSince1970 - Double(file.stamp.modified) / 1e9
        if age < Self.settling { unsettled.insert(file.path) } else { unsettled.remove(file.path) }
        let names = try await chunks.write(file: file.location, size: file.stamp.size)
        return FileEntry(file, kind: .file, size: file.stamp.size, chunks: names)
    }

    private static func isGone(_ file: FoundFile) -> Bool { access(file.location, F_OK) != 0 && errno == ENOENT }

    /// Whether the backup's place fails, not the file.
    private static func isStorages(_ error: BackupError) -> Bool {
        switch error {
        case .storage, .missing, .damaged: true
        default: false
        }
    }

    // MARK: - Databases

    private func copy(_ file: FoundFile) async throws(BackupError) -> FileEntry {
        let follower: DatabaseFollower
        if let known = followers[file.path] {
            follower = known
        } else {
            follower = try DatabaseFollower(path: file.location)
            followers[file.path] = follower
        }
        let copy = scratch + "/copy.db"
        defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
        try follower.copy(to: copy)
        var status = stat()
        guard stat(copy, &status) == 0 else { throw .system(path: copy, operation: "look at", code: errno) }
        let size = Int64(status.st_size)
        let names = try await chunks.write(file: copy, size: size)
        return FileEntry(file, kind: .database, size: size, chunks: names)
    }

    private func follow(_ file: FoundFile, _ point: inout Point) async throws(BackupError) {
        guard let follower = followers[file.path], entries[file.path] != nil else {
            point.changed.append(try await copy(file))
            return
        }
        var pieces: [LogPiece] = []
        do throws(BackupError) {
            while let news = try follower.news() {
                guard case .appended(let log, let offset, let bytes) = news else {
                    pieces = []
                    point.changed.append(try await copy(file))
                    continue
                }
                let names = try await chunks.write(bytes)
                pieces.append(
                    LogPiece(path: file.path, log: log, offset: offset, size: Int64(bytes.count), chunks: names))
            }
        } catch {
            // Its place in the log is further on than what is written: begun anew with the next point.
            followers[file.path] = nil
            throw error
        }
        point.log += pieces
    }

    // MARK: - What is there already

    /// Never before what is there, however the clock jumps: restoring goes by these times.
    private func nextTime() -> Date { max(now(), lastTime + 0.001) }

    /// Learns from the last snapshot and its points what needs not be written again.
    private func continueLast() async throws(BackupError) {
        guard current == nil, let last = try await repository.snapshots().last else { return }
        lastTime = try await repository.points(of: last).last?.time ?? last.time
        do throws(BackupError) {
            await take(try await repository.snapshot(last))
        } catch {
            // Damaged: nothing is relied upon.
            if case .storage = error { throw error }
        }
    }

    private func take(_ snapshot: Snapshot) async {
        await chunks.rely(on: Set(snapshot.files.flatMap(\.chunks)))
        entries = Dictionary(snapshot.files.map { ($0.path, $0) }) { _, last in last }
    }
}
