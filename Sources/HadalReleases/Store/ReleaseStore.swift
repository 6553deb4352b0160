import Foundation
import GRDB

/// `DATA/releases.db`: deployments, versions, rollouts, what is yet to be carried out, and what was. Each change is one
/// transaction that is on the disk when the call returns.
public final class ReleaseStore: Sendable {
    /// Entries of one call that lists.
    public static let pageMax = 1000

    let path: String
    private let pool: DatabasePool

    /// Opens it, making it and its directory where they are not there.
    /// - Parameter data: the data directory.
    public init(data: URL) throws(ReleaseError) {
        let url = data.appendingPathComponent("releases.db")
        path = url.path
        do {
            try ReleaseFile.prepare(url)
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.label = url.lastPathComponent
            configuration.prepareDatabase { db in
                // What a commit promises survives a power cut; there are few commits.
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            var migrator = DatabaseMigrator()
            ReleaseSchema.migrate(&migrator)
            // Of processes that start at once, one brings it up to date and the others find it so.
            pool = try ReleaseFile.alone(in: data) { [configuration, migrator] in
                try ReleaseFile.check(url, migrator)
                let pool = try DatabasePool(path: url.path, configuration: configuration)
                try migrator.migrate(pool)
                return pool
            }
        } catch {
            throw ReleaseError(error, path: url.path)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(ReleaseError) -> Value {
        do { return try pool.read(body) } catch { throw ReleaseError(error, path: path) }
    }

    /// All of it or nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(ReleaseError) -> Value {
        do { return try pool.write(body) } catch { throw ReleaseError(error, path: path) }
    }
}

extension ReleaseError {
    init(_ error: any Error, path: String) {
        switch error {
        case let error as ReleaseError: self = error
        case let error as DatabaseError: self = .store(path: path, problem: Self.problem(error))
        case is RowDecodingError, is DecodingError:
            self = .store(path: path, problem: "is damaged; restore it from a backup")
        default: self = .store(path: path, problem: "\(error)")
        }
    }

    private static func problem(_ error: DatabaseError) -> String {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            "is damaged or not a database of ours; restore it from a backup"
        case .SQLITE_FULL: "the disk is full; nothing was changed. Make room and try again"
        case .SQLITE_READONLY:
            "cannot be written; nothing was changed. Check its mode and how its disk is mounted"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another process holds it; try again"
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            "cannot be opened; check that it belongs to the user who runs hadal"
        // The statement and its arguments stay out: they may name users.
        default: error.message ?? "SQLite error \(error.resultCode.rawValue)"
        }
    }
}
