import Foundation
import GRDB

/// A database that is backed up beside those who write to it: a copy once, then what its write-ahead log grows by.
///
/// It holds a read transaction, so that SQLite does not begin the log anew before it was read (as Litestream does). Every
/// `turn` frames it lets go for a moment, for the log's pages to go into the database. Should others begin the log anew in
/// that moment, `news` notices by the log's salts and by what stands behind the place up to which it had read.
final class DatabaseFollower {
    enum News {
        /// Bytes of whole transactions at `offset` of the log of that name.
        case appended(log: String, offset: Int64, bytes: Data)
        /// Something may have been missed: a new copy is needed.
        case gap
    }

    /// Below SQLite's own 1000, at which each transaction would try in vain.
    static let turn = 500
    /// Bytes of the log in one piece.
    static let pieceLimit = 8 << 20

    private let path: String
    private let queue: DatabaseQueue
    private var isLogged = false
    private var position: WriteAheadLog.Position?
    /// Of one without a log: changes when somebody commits.
    private var version: Int64 = 0

    init(path: String) throws(BackupError) {
        self.path = path
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        configuration.label = "backup of \(path)"
        // Not made where it is not there.
        guard access(path, F_OK) == 0 else { throw .system(path: path, operation: "open", code: ENOENT) }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch { throw .database(path: path, problem: Self.text(error)) }
    }

    deinit { try? queue.close() }

    /// Writes the database as it is now to a file that is not there yet. What comes after it is news.
    func copy(to file: String) throws(BackupError) {
        do {
            let destination = try DatabaseQueue(path: file)
            try queue.writeWithoutTransaction { db in
                try letGo(db)
                isLogged = try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal"
                if isLogged { try hold(db) }
                version = try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0
                try destination.writeWithoutTransaction { try db.backup(to: $0) }
            }
            try destination.close()
        } catch { throw .database(path: path, problem: Self.text(error)) }
        // From the log's beginning: the copy has a part of it, which does no harm, as SQLite applies a log only as a whole.
        position = nil
    }

    /// What was committed since it was called last, or since the copy. Call it until it returns nil.
    func news() throws(BackupError) -> News? {
        guard isLogged else {
            let now: Int64
            do {
                now = try queue.writeWithoutTransaction { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
            } catch { throw .database(path: path, problem: Self.text(error)) }
            return now == version ? nil : .gap
        }
        guard let log = try WriteAheadLog(of: path) else { return position == nil ? nil : .gap }
        defer { log.close() }
        guard let start = try log.start() else { return nil }
        if let known = position, known.salts != start.salts {
            guard start.sequence == known.sequence &+ 1, try log.rest(of: known) == .nothing else { return .gap }
            position = nil
        }
        var next = position ?? start
        var bytes = try log.transactions(from: &next, limit: Self.pieceLimit)
        guard !bytes.isEmpty else { return nil }
        let offset = position?.offset ?? 0
        if position == nil { bytes = try log.header() + bytes }
        // Begun anew while it was read?
        guard try log.start()?.salts == next.salts else { return .gap }
        position = next
        return .appended(log: next.name, offset: offset, bytes: bytes)
    }

    /// Lets the log's pages go into the database where there are many.
    func makeRoom() throws(BackupError) {
        guard isLogged, let position, position.frames >= Self.turn else { return }
        do {
            try queue.writeWithoutTransaction { db in
                try letGo(db)
                // Waits for nobody; what others are still reading stays for the next time.
                try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
                try hold(db)
            }
        } catch { throw .database(path: path, problem: Self.text(error)) }
    }

    private func hold(_ db: Database) throws {
        try db.execute(sql: "BEGIN")
        // A transaction begins with the first look.
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
    }

    private func letGo(_ db: Database) throws {
        if db.isInsideTransaction { try db.execute(sql: "COMMIT") }
    }

    /// Without the statement and its arguments.
    static func text(_ error: any Error) -> String {
        guard let error = error as? DatabaseError else { return "\(error)" }
        return switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: "is damaged or not a database"
        case .SQLITE_FULL: "the disk is full"
        case .SQLITE_BUSY, .SQLITE_LOCKED: "another process holds it"
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: "cannot be opened; check that it belongs to this user"
        default: error.message ?? "SQLite error \(error.resultCode.rawValue)"
        }
    }
}
