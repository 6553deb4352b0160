import Foundation
import GRDB

/// What of a data directory a restored one has.
public struct DataComparison: Sendable {
    public struct Table: Sendable, Hashable {
        public var database: String
        public var name: String
        public var restored: Int
        /// nil: there is no such table now.
        public var live: Int?
    }

    public private(set) var tables: [Table] = []
    /// Files that are the same bytes in both.
    public private(set) var sameFiles = 0
    /// Files that have other bytes now, or are gone: changed since the moment that was restored, or wrongly restored.
    public private(set) var changedFiles: [String] = []
    /// Files that came since.
    public private(set) var newFiles: [String] = []
    /// Databases that cannot be read, with the reason.
    public private(set) var problems: [String] = []

    /// - Parameters:
    ///   - restored: a restored data directory.
    ///   - live: the one that is in use.
    ///   - excluded: as for the backup.
    public init(restored: String, live: String, excluded: Set<String> = []) {
        var (old, new) = (FileTree(excluded: excluded), FileTree(excluded: excluded))
        old.add(BackupRoot(name: "data", path: restored))
        new.add(BackupRoot(name: "data", path: live))
        let now = Dictionary(new.files.map { ($0.path, $0) }) { _, last in last }
        for file in old.files {
            if file.isDatabase {
                do throws(BackupError) { try compare(file, now[file.path]) } catch { problems.append("\(error)") }
            } else if let other = now[file.path], file.stamp.size == other.stamp.size,
                FileManager.default.contentsEqual(atPath: file.location, andPath: other.location)
            {
                sameFiles += 1
            } else {
                changedFiles.append(file.path)
            }
        }
        let known = Set(old.files.map(\.path))
        newFiles = new.files.map(\.path).filter { !known.contains($0) }
    }

    private mutating func compare(_ restored: FoundFile, _ live: FoundFile?) throws(BackupError) {
        let counts = try Self.counts(restored.location)
        let now = try live.map { file throws(BackupError) in try Self.counts(file.location) } ?? [:]
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            tables.append(Table(database: restored.path, name: name, restored: count, live: now[name]))
        }
    }

    private static func counts(_ path: String) throws(BackupError) -> [String: Int] {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            return try queue.read { db in
                let names = try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'")
                return try names.reduce(into: [:]) { counts, name in
                    let quoted = name.replacing("\"", with: "\"\"")
                    counts[name] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(quoted)\"")
                }
            }
        } catch { throw .database(path: path, problem: DatabaseFollower.text(error)) }
    }
}
