import Foundation
import GRDB
import HadalObjects
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

/// Following a database's log where it is not what it was.
@Suite(.timeLimit(.minutes(15)))
struct FollowerTests {
    private static func follower(_ site: Site, _ name: String) throws -> DatabaseFollower {
        var tree = FileTree()
        tree.add(BackupRoot(name: "data", path: site.data))
        let follower = try DatabaseFollower(try #require(tree.files.first { $0.path == "data/" + name }))
        try follower.hold()
        return follower
    }

    private static func piece(_ follower: DatabaseFollower) throws -> DatabaseFollower.Piece? {
        if case .appended(let piece) = try follower.news() { piece } else { nil }
    }

    private static func isGap(_ follower: DatabaseFollower) throws -> Bool {
        if case .gap = try follower.news() { true } else { false }
    }

    /// Whether a later log, which has not come so far yet, has certainly begun there.
    private static func hasEnded(at end: WriteAheadLog.Position, _ site: Site) throws -> Bool {
        guard let log = try WriteAheadLog(of: site.data + "/a.db") else { return false }
        var later = end
        later.salts ^= 1
        return try log.ended(at: end, before: later)
    }

    /// SQLite overwrites a transaction whose `fsync` failed, in the same log: what stands at the place up to which was
    /// read is then another frame.
    @Test func aTransactionThatWasTakenBackIsNoticed() async throws {
        let site = try Site()
        let pool = try site.pool("a.db")
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (text TEXT)") }
        let follower = try Self.follower(site, "a.db")
        try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES ('one')") }
        let piece = try #require(try Self.piece(follower))
        #expect(try follower.has(piece))
        follower.confirm(piece)
        #expect(try !Self.isGap(follower))
        let log = site.data + "/a.db-wal"
        let end = piece.end
        #expect(try Self.hasEnded(at: end, site))
        // Words 16 and 20 of the last frame's header are its sum.
        let sum = UInt64(end.offset) - UInt64(WriteAheadLog.frameHeaderSize + end.pageSize) + 16
        try Bytes.replace(log, at: sum, with: Data(repeating: 7, count: 8))
        #expect(try Self.isGap(follower))
        #expect(try !follower.has(piece))
        #expect(try !Self.hasEnded(at: end, site))
    }

    /// Others cut the log off while it is read.
    @Test func aLogThatIsCutOffEndsThePoint() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try site.pool("a.db")
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (text BLOB)") }
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        try await pool.write { db in
            for _ in 0..<40 { try db.execute(sql: "INSERT INTO t VALUES (randomblob(100000))") }
        }
        let log = site.data + "/a.db-wal"
        site.storage.beforePut.withLock { $0 = { _ in truncate(log, 0) } }
        site.pass(1)
        // To SQLite itself the database is now broken, which is told.
        #expect(try await !writer.point().problems.isEmpty)
    }

    /// What the copy has is not brought again; what comes after it is.
    @Test func anIdleDatabaseBringsNothing() async throws {
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        let pool = try site.pool("a.db")
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE t (text BLOB)")
            for _ in 0..<30 { try db.execute(sql: "INSERT INTO t VALUES (randomblob(100000))") }
        }
        let report = try await writer.snapshot()
        #expect(try await repository.points(of: report.snapshot).isEmpty)
        try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES ('one')") }
        site.pass(1)
        #expect(try await writer.point().report != nil)
    }
}
