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
        guard let name = try await snapshots().last(where: { snapshot in time.map { snapshot.time <= $0 } ?? true })
        else { throw .noSnapshot(place: place, before: time) }
        let snapshot = try await snapshot(name)
        var problems = snapshot.problems
        var files = Dictionary(snapshot.files.map { ($0.path, $0) }) { _, last in last }
        var logs: [String: [LogPiece]] = [:]
        var last = name.time
        var count = 0
        let points = try await points(of: name).prefix { point in time.map { point.time <= $0 } ?? true }
        for (index, point) in points.enumerated() where point.number != index + 1 {
            // It would leave out what later ones build upon.
            throw .missing(place: place, object: "\(name.points)\(index + 1)-…")
        }
        for (point, content) in zip(points, try await contents(of: points)) {
            for file in content.changed { (files[file.path], logs[file.path]) = (file, nil) }
            for path in content.removed { (files[path], logs[path]) = (nil, nil) }
            for piece in content.log { logs[piece.path, default: []].append(piece) }
            (last, count, problems) = (point.time, point.number, content.problems)
        }
        for (path, pieces) in logs { try check(pieces, of: path, files[path], name) }
        return RestorePlan(
            place: place, snapshot: name, time: last, points: count, roots: snapshot.roots,
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
