import Foundation
import HadalJSON

/// All files at one time.
struct Snapshot: Sendable {
    static let format = 1

    /// Where they were, for people.
    var roots: [BackupRoot]
    var files: [FileEntry]
    /// Files that could not be read, with the reason.
    var problems: [String]
    /// nil: it is the first.
    var previous: SnapshotLink?

    var json: JSON {
        [
            "format": .int(Int64(Self.format)), "previous": previous?.json ?? .null,
            "roots": .array(roots.map { ["name": .string($0.name), "path": .string($0.path)] }),
            "problems": .array(problems.map(JSON.string)), "files": .array(files.map(\.json)),
        ]
    }

    init(roots: [BackupRoot], files: [FileEntry], problems: [String], previous: SnapshotLink?) {
        (self.roots, self.files, self.problems, self.previous) = (roots, files, problems, previous)
    }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        roots = try fields.list("roots") { json throws(DocumentError) in
            let fields = DocumentFields(json)
            return BackupRoot(name: try fields.text("name"), path: try fields.text("path"))
        }
        problems = try fields.texts("problems")
        files = try fields.list("files", of: FileEntry.init)
        previous = try SnapshotLink.optional(json, "previous")
    }
}

/// What changed since the snapshot, or the point before.
struct Point: Sendable {
    var changed: [FileEntry] = []
    /// Paths of files that are gone.
    var removed: [String] = []
    var log: [LogPiece] = []
    /// Files that could not be read, with the reason: they are as they were before.
    var problems: [String]

    var isEmpty: Bool { changed.isEmpty && removed.isEmpty && log.isEmpty }

    var json: JSON {
        [
            "format": .int(Int64(Snapshot.format)), "changed": .array(changed.map(\.json)),
            "removed": .array(removed.map(JSON.string)), "log": .array(log.map(\.json)),
            "problems": .array(problems.map(JSON.string)),
        ]
    }

    init(problems: [String] = []) { self.problems = problems }

    init(_ json: JSON) throws(DocumentError) {
        let fields = DocumentFields(json)
        changed = try fields.list("changed", of: FileEntry.init)
        removed = try fields.texts("removed")
        log = try fields.list("log", of: LogPiece.init)
        problems = try fields.texts("problems")
    }
}
