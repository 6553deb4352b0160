import Foundation

/// What a repository had at a time: files, and what was appended to the logs of databases.
public struct RestorePlan: Sendable {
    public let place: String
    public let snapshot: SnapshotName
    /// Of the snapshot or the last point that counts: what was changed later is not in it.
    public let time: Date
    /// How many points after the snapshot count.
    public let points: Int
    public let roots: [BackupRoot]
    /// Files that could not be read when it was made: they are not in it, or as they were before.
    public let problems: [String]
    let files: [FileEntry]
    /// By the database's path, in order.
    let logs: [String: [LogPiece]]

    public var bytes: Int64 {
        files.reduce(0) { $0 + $1.size } + logs.values.joined().reduce(0) { $0 + $1.size }
    }
}

extension BackupRepository {
    /// - Parameter time: nil: the latest.
    public func plan(at time: Date? = nil) async throws(BackupError) -> RestorePlan {
        let time = time.map(Timestamp.rounded)
        guard let latest = try await latest(at: time) else { throw .noSnapshot(place: place, before: time) }
        return try await plan(of: latest.name, latest.points)
    }

    /// The snapshot, and those of its points, that are of the latest moment not after the time. That may be a point of
    /// the snapshot before: while one is prepared, which is of the time at which that began, points go on with the one
    /// before.
    func latest(at time: Date?) async throws(BackupError) -> (name: SnapshotName, points: [PointName])? {
        var latest: (name: SnapshotName, points: [PointName])?
        for name in try await snapshots().reversed() where time.map({ name.time <= $0 }) ?? true {
            let points = try await points(of: name).filter { point in time.map { point.time <= $0 } ?? true }
            let moment = latest.map { $0.points.last?.time ?? $0.name.time } ?? .distantPast
            if points.last?.time ?? name.time > moment { latest = (name, points) }
            // Those before have none that is later than its first one.
            if !points.isEmpty { break }
        }
        return latest
    }

    func plan(of name: SnapshotName, _ points: [PointName]) async throws(BackupError) -> RestorePlan {
        let snapshot = try await snapshot(name)
        var problems = snapshot.problems
        var files = Dictionary(snapshot.files.map { ($0.path, $0) }) { _, last in last }
        var logs: [String: [LogPiece]] = [:]
        var last = name.time
        for (index, point) in points.enumerated() where point.number != index + 1 {
            // It would leave out what later ones build upon.
            throw .missing(place: place, object: "\(name.points)\(index + 1)-…")
        }
        for (point, content) in zip(points, try await contents(of: points)) {
            for file in content.changed { (files[file.path], logs[file.path]) = (file, nil) }
            for path in content.removed { (files[path], logs[path]) = (nil, nil) }
            for piece in content.log { logs[piece.path, default: []].append(piece) }
            (last, problems) = (point.time, content.problems)
        }
        for (path, pieces) in logs { try check(pieces, of: path, files[path], name) }
        return RestorePlan(
            place: place, snapshot: name, time: last, points: points.count, roots: snapshot.roots,
            problems: problems, files: files.values.sorted { $0.path < $1.path }, logs: logs)
    }

    /// Each log from its beginning, without a gap.
    private func check(
        _ pieces: [LogPiece], of path: String, _ file: FileEntry?, _ name: SnapshotName
    ) throws(BackupError) {
        var log = ""
        var end: Int64 = 0
        for piece in pieces {
            if piece.offset == 0 { (log, end) = (piece.log, 0) }
            guard file?.kind == .database, piece.log == log, piece.offset == end else {
                throw .damaged(
                    place: place, object: name.points,
                    problem: "have a gap in the log of \(path), at byte \(end) of \(piece.log)")
            }
            end = piece.end
        }
    }
}
