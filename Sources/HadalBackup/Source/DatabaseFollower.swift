import Foundation
import GRDB

/// A database that is backed up beside those who write to it: a copy once, then what its write-ahead log grows by.
///
/// It holds a read transaction, so that SQLite does not begin the log anew before it was read (as Litestream does). Every
/// `turn` frames it lets go for a moment, for the log's pages to go into the database. Should others begin the log anew in
/// that moment, `news` notices by the log's salts and by what stands behind the place up to which it had read.
final class DatabaseFollower {
    enum News {
        case nothing
        /// Whole transactions.
        case appended(Piece)
        /// Something may have been missed: a new copy is needed.
        case gap
    }

    /// Bytes of a log.
    struct Piece {
        /// Which log.
        var log: String
        var offset: Int64
        var size: Int64
        fileprivate var end: WriteAheadLog.Position
    }

    /// Below SQLite's own 1000, at which each transaction would try in vain.
    static let turn = 500
    /// Bytes that may be kept in memory while it lets go.
    private static let turnBytesMax = 8 << 20

    /// Links resolved, as SQLite does: the log lies beside the file that they lead to.
    private let path: String
    private let queue: DatabaseQueue
    private let stamp: FileStamp
    private var isLogged = false
    private var position: WriteAheadLog.Position?
    /// Of one without a log: changes when somebody commits.
    private var version: Int64 = 0

    init(_ file: FoundFile) throws(BackupError) {
        guard let resolved = realpath(file.location, nil) else {
            throw .system(path: file.location, operation: "open", code: errno)
        }
        path = String(cString: resolved)
        free(resolved)
        stamp = file.stamp
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.allowsUnsafeTransactions = true
        configuration.label = "backup of \(path)"
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch { throw .database(path: path, problem: Self.text(error)) }
    }

    deinit { try? queue.close() }

    /// Whether this is still the file of that name.
    func follows(_ file: FoundFile) -> Bool { file.stamp.inode == stamp.inode && file.stamp.device == stamp.device }

    /// Bytes that `copy` writes, about.
    func size() throws(BackupError) -> Int64 {
        do {
            return try queue.writeWithoutTransaction { db in
                let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                return pages * (try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
            }
        } catch { throw .database(path: path, problem: Self.text(error)) }
    }

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
        // From the log's beginning: the copy has a part of it, which does no harm, as a point has all of it up to now.
        position = nil
    }

    /// What was committed since `take` was called last, or since the copy.
    func news() throws(BackupError) -> News {
        guard isLogged else {
            let now: Int64
            do {
                now = try queue.writeWithoutTransaction { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
            } catch { throw .database(path: path, problem: Self.text(error)) }
            return now == version ? .nothing : .gap
        }
        guard let log = try WriteAheadLog(of: path), let start = try log.start() else {
            return position == nil ? .nothing : .gap
        }
        var known = position
        if let old = known, old.salts != start.salts {
            guard start.sequence == old.sequence &+ 1, try log.ended(at: old, before: start) else { return .gap }
            known = nil
        }
        let end = try log.lastCommit(after: known ?? start)
        guard end.offset > (known ?? start).offset else { return .nothing }
        let offset = known?.offset ?? 0
        return .appended(Piece(log: end.name, offset: offset, size: end.offset - offset, end: end))
    }

    /// - Parameters:
    ///   - offset: within the piece.
    func bytes(of piece: Piece, at offset: Int64, _ count: Int) throws(BackupError) -> Data {
        let count = min(Int64(count), piece.size - offset)
        guard count > 0 else { return Data() }
        guard let log = try WriteAheadLog(of: path) else {
            throw .database(path: path, problem: "its log is gone while it was read")
        }
        return try log.bytes(at: piece.offset + offset, Int(count))
    }

    /// The piece was read.
    /// - Returns: false where the log was begun anew meanwhile, so that other bytes may have been read.
    func take(_ piece: Piece) throws(BackupError) -> Bool {
        guard let log = try WriteAheadLog(of: path), try log.start()?.salts == piece.end.salts else { return false }
        position = piece.end
        return true
    }

    /// Where the log has many frames, lets its pages go into the database.
    /// - Returns: what was committed until then, which `news` does not tell any more.
    func makeRoom() throws(BackupError) -> (piece: Piece, bytes: Data)? {
        guard isLogged, let position, position.frames >= Self.turn else { return nil }
        var last: (Piece, Data)?
        if case .appended(let piece) = try news() {
            guard piece.size <= Self.turnBytesMax else { return nil }
            last = (piece, try bytes(of: piece, at: 0, Int(piece.size)))
            guard try take(piece) else { return nil }
        }
        do {
            try queue.writeWithoutTransaction { db in
                try letGo(db)
                // Waits for nobody; what others are still reading stays for the next time.
                try db.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)")
                try hold(db)
            }
        } catch { throw .database(path: path, problem: Self.text(error)) }
        return last
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
