import Foundation
import GRDB

/// A database that is backed up beside those who write to it: a copy once, then what its write-ahead log grows by.
///
/// It holds a read transaction, so that SQLite does not begin the log anew before it was read (as Litestream does).
/// Every `turn` frames it lets go for a moment, for the log's pages to go into the database. Should others begin the
/// log anew in that moment, `news` notices by the log's salts and by what stands at the place up to which it had read.
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
        var end: WriteAheadLog.Position
    }

    /// Below SQLite's own 1000, at which each transaction would try in vain.
    static let turn = 500
    /// Bytes that may be kept in memory while it lets go.
    private static let turnBytesMax: Int64 = 8 << 20

    /// Links resolved, as SQLite does: the log lies beside the file that they lead to.
    private let path: String
    private let queue: DatabaseQueue
    private let stamp: FileStamp
    private var isLogged = false
    /// Up to where the log is in the backup, or in `kept`. nil: nothing of it.
    private var position: WriteAheadLog.Position?
    /// What was read before it let go, and is not in the backup yet.
    private(set) var kept: (piece: Piece, bytes: Data)?
    /// The log when it was held for the copy, which has that many of its frames.
    private var copied: (salts: UInt64, frames: Int)?
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
        try access { db in
            let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            return pages * (try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
        }
    }

    // MARK: - The copy

    /// From now on `copy` gives what there is now, however long it takes, and what comes after it is news. One without
    /// a log is copied as it is then.
    func hold() throws(BackupError) {
        let salts = try WriteAheadLog(of: path)?.start()?.salts
        (isLogged, version, copied) = try access { db -> (Bool, Int64, (UInt64, Int)?) in
            guard try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal" else {
                return (false, try Int64.fetchOne(db, sql: "PRAGMA data_version") ?? 0, nil)
            }
            let frames = try Self.hold(db)
            return (true, 0, salts.map { ($0, frames) })
        }
    }

    /// Writes it to a file that is not there yet, and looks whether that is whole.
    /// - Parameter goesOn: asked again and again; where it says no, the copy ends with `BackupError.ended`.
    nonisolated(nonsending) func copy(
        to file: String, while goesOn: @escaping @Sendable () -> Bool
    ) async throws(BackupError) {
        let isWhole: String?
        do {
            let destination = try DatabaseQueue(path: file)
            // On the queue's own thread: it takes as long as the disk does.
            isWhole = try await queue.writeWithoutTransaction { db in
                try destination.writeWithoutTransaction { copy in
                    try db.backup(to: copy, pagesPerStep: 1024) { _ in
                        guard goesOn() else { throw BackupError.ended }
                    }
                    return try String.fetchOne(copy, sql: "PRAGMA quick_check(1)")
                }
            }
            try destination.close()
        } catch let error as BackupError { throw error } catch {
            throw .database(path: path, problem: Self.text(error))
        }
        guard isWhole == "ok" else { throw .database(path: path, problem: "is damaged: \(isWhole ?? "no answer")") }
    }

    // MARK: - The log

    /// What was committed after `kept`, what was confirmed last, or the copy.
    func news() throws(BackupError) -> News {
        guard isLogged else {
            let now = try access { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
            return now == version ? .nothing : .gap
        }
        guard let log = try WriteAheadLog(of: path), let start = try log.start() else {
            return position == nil ? .nothing : .gap
        }
        var known = position
        if let old = known {
            if old.salts == start.salts {
                guard try log.has(old) else { return .gap }
            } else {
                guard start.sequence == old.sequence &+ 1, try log.ended(at: old, before: start) else { return .gap }
                known = nil
            }
        }
        let end = try log.lastCommit(after: known ?? start)
        // From the log's beginning: the copy has a part of it, which does no harm.
        guard end.offset > (known ?? start).offset else { return .nothing }
        if position == nil, let copied, copied.salts == start.salts, end.frames <= copied.frames { return .nothing }
        let offset = known?.offset ?? 0
        return .appended(Piece(log: end.name, offset: offset, size: end.offset - offset, end: end))
    }

    /// - Parameter offset: within the piece.
    /// - Returns: nothing where the log is no longer so long: others have cut it off.
    func bytes(of piece: Piece, at offset: Int64, _ count: Int) throws(BackupError) -> Data {
        let count = min(Int64(count), piece.size - offset)
        guard count > 0, let log = try WriteAheadLog(of: path) else { return Data() }
        return try log.bytes(at: piece.offset + offset, Int(count))
    }

    /// Whether the piece is still there: else other bytes may have been read.
    func has(_ piece: Piece) throws(BackupError) -> Bool {
        guard let log = try WriteAheadLog(of: path), try log.start()?.salts == piece.end.salts else { return false }
        return try log.has(piece.end)
    }

    /// What was kept, and this piece, are in the backup.
    func confirm(_ piece: Piece?) {
        kept = nil
        if let piece { position = piece.end }
    }

    /// Where the log has many frames, lets its pages go into the database. What was committed until then is kept.
    func makeRoom() throws(BackupError) {
        guard isLogged, kept == nil, let position, position.frames >= Self.turn else { return }
        if case .appended(let piece) = try news() {
            guard piece.size <= Self.turnBytesMax else { return }
            let bytes = try bytes(of: piece, at: 0, Int(piece.size))
            guard bytes.count == piece.size, try has(piece) else { return }
            (kept, self.position) = ((piece, bytes), piece.end)
        }
        _ = try access { db in try Self.hold(db) }
    }

    /// Lets go, has the log's pages go into the database, waiting for nobody, and holds what there is then.
    /// - Returns: frames of the log that there were before it was held.
    private static func hold(_ db: Database) throws -> Int {
        if db.isInsideTransaction { try db.execute(sql: "COMMIT") }
        // What others are still reading stays for the next time.
        let counts = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
        try db.execute(sql: "BEGIN")
        // A transaction begins with the first look.
        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema")
        let frames: Int? = counts?[1]
        return frames ?? -1
    }

    private func access<Value>(_ body: (Database) throws -> Value) throws(BackupError) -> Value {
        do { return try queue.writeWithoutTransaction(body) } catch {
            throw .database(path: path, problem: Self.text(error))
        }
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
