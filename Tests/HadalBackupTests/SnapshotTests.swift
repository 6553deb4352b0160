import Foundation
import GRDB
import HadalObjects
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

/// Whole snapshots, and the points that go on beside them.
@Suite(.timeLimit(.minutes(15)))
struct SnapshotTests {
    private static func insert(_ number: Int, _ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO t VALUES (\(number))") }
        try queue.close()
    }

    private static func numbers(_ site: Site, _ repository: BackupRepository, _ time: Date?, _ name: String)
        async throws
        -> String
    { try Dump.rows(try await site.restore(repository, at: time) + "/" + name) }

    private static func table(_ site: Site, _ name: String) async throws -> DatabasePool {
        let pool = try site.pool(name)
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY)") }
        return pool
    }

    /// However long the copies take: all databases are as they were when the snapshot began.
    @Test func allDatabasesAreOfTheMomentThatNamesTheSnapshot() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pools = [try await Self.table(site, "access.db"), try await Self.table(site, "usage.db")]
        defer { for pool in pools { try? pool.close() } }
        let data = site.data
        let count = Mutex(0)
        let report = try await site.writer(repository).snapshot(while: {
            // When the first one is about to be copied.
            let isFirst = count.withLock { count in
                count += 1
                return count == 1
            }
            if isFirst { for name in ["access.db", "usage.db"] { try? Self.insert(7, data + "/" + name) } }
            return true
        })
        for name in ["access.db", "usage.db"] {
            #expect(try await Self.numbers(site, repository, report.time, name) == "t:")
            // Right after it comes a point.
            #expect(try await Self.numbers(site, repository, nil, name) == "t:7")
        }
    }

    /// What is committed while a point is written comes with the next one.
    @Test func aPointHasNothingFromAfterItsTime() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        // More than the frames at which it lets go.
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE filler (text BLOB)")
            for _ in 0..<30 { try db.execute(sql: "INSERT INTO filler VALUES (randomblob(100000))") }
        }
        let path = site.data + "/usage.db"
        let isDone = Mutex(false)
        site.storage.beforePut.withLock {
            $0 = { _ in
                let isFirst = isDone.withLock { done in
                    defer { done = true }
                    return !done
                }
                if isFirst { try? Self.insert(7, path) }
            }
        }
        site.pass(1)
        let report = try #require(try await writer.point().report)
        #expect(try await Self.numbers(site, repository, report.time, "usage.db").hasSuffix("t:"))
        site.pass(1)
        _ = try await writer.point()
        #expect(try await Self.numbers(site, repository, nil, "usage.db").hasSuffix("t:7"))
    }

    /// Any moment can be brought back, also from while a snapshot was prepared.
    @Test func pointsGoOnWhileASnapshotIsPrepared() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        var moments: [(time: Date, rows: String)] = []
        func point(_ number: Int) async throws {
            site.pass(10)
            try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (\(number))") }
            try site.write("\(number)".utf8, "a.txt")
            moments.append((try #require(try await writer.point().report).time, try Dump.rows(site.data + "/usage.db")))
        }
        try await point(1)
        site.pass(10)
        try await writer.prepare()
        for number in 2...4 { try await point(number) }
        let report = try await writer.adopt()
        #expect(report.time < moments[1].time)
        // The new snapshot is of before those points.
        #expect(try await repository.plan().time == moments.last?.time)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        try await point(5)
        #expect(try await repository.plan().snapshot == report.snapshot)
        for (time, rows) in moments {
            #expect(try await Self.numbers(site, repository, time, "usage.db") == rows)
        }
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    /// A snapshot that fails leaves the points as they were.
    @Test func aSnapshotThatComesToNothingDisturbsNoPoint() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        let writer = try site.writer(repository)
        let first = try await writer.snapshot()
        await #expect(throws: BackupError.ended) { try await writer.snapshot(while: { false }) }
        try await writer.prepare()
        site.storage.fail(at: 1)
        await #expect(throws: BackupError.self) { try await writer.adopt() }
        site.storage.fail(at: nil)
        try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (7)") }
        site.pass(1)
        let report = try #require(try await writer.point().report)
        #expect(report.snapshot == first.snapshot && report.files == 0)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// A copy of what is damaged is none; what the log had until then, and goes on to have, is not lost.
    @Test func aDatabaseThatCannotBeCopiedIsFollowedOn() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE filler (text BLOB)")
            for _ in 0..<100 { try db.execute(sql: "INSERT INTO filler VALUES (randomblob(3000))") }
        }
        try await pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        func insert(_ number: Int) async throws {
            site.pass(1)
            try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (\(number))") }
        }
        try await insert(1)
        _ = try await writer.point()
        // A page of the other table.
        try Bytes.replace(site.data + "/usage.db", at: 50 * 4096, with: Data(repeating: 0xAB, count: 4096))
        try await insert(2)
        let report = try await writer.snapshot()
        #expect(report.problems.count == 1 && report.problems[0].contains("usage.db"), "\(report.problems)")
        try await insert(3)
        #expect(try await writer.point().report?.files == 0)
        #expect(try await Self.numbers(site, repository, nil, "usage.db").hasSuffix("t:1;2;3"))
        // Another process, which has nobody who followed it.
        site.pass(1)
        let other = try site.writer(repository)
        #expect(try await other.point().problems.count == 1)
        #expect(try await other.snapshot().snapshot.isPartial)
        #expect(try await Self.numbers(site, repository, nil, "usage.db").hasSuffix("t:1;2;3"))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    /// A new process copies databases one after the other, and goes on with what there is.
    @Test func aNewProcessGoesOnWithPoints() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pools = [try await Self.table(site, "access.db"), try await Self.table(site, "usage.db")]
        defer { for pool in pools { try? pool.close() } }
        // The bigger one.
        try await pools[0].write { db in
            try db.execute(sql: "CREATE TABLE filler (text BLOB)")
            for _ in 0..<100 { try db.execute(sql: "INSERT INTO filler VALUES (randomblob(3000))") }
        }
        try site.write("one".utf8, "a.txt")
        let first = try await site.writer(repository).snapshot()
        for pool in pools { try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (7)") } }
        site.pass(1)
        let report = try #require(try await site.writer(repository).point().report)
        #expect(report.snapshot == first.snapshot && report.point == 2 && report.problems.isEmpty)
        let points = try await repository.contents(of: try await repository.points(of: first.snapshot))
        #expect(points.map { $0.changed.map(\.path) } == [["data/usage.db"], ["data/access.db"]])
        #expect(points[0].problems.count == 1 && points[1].problems.isEmpty)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// Where it says no, what needs no copy is written all the same.
    @Test func aPointThatIsToEndCopiesNothing() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        _ = try await site.writer(repository).snapshot()
        try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (7)") }
        try site.write("one".utf8, "a.txt")
        site.pass(1)
        let report = try #require(try await site.writer(repository).point(while: { false }).report)
        #expect(report.files == 1 && report.problems.count == 1)
    }

    @Test func whatThePlaceLostIsStoredAnew() async throws {
        var random = SplitMix(state: 6)
        let site = try Site()
        let repository = try await site.create()
        try site.write((0..<600_000).map { _ in UInt8.random(in: 0...255, using: &random) }, "a.bin")
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        var writer = try site.writer(repository)
        _ = try await writer.snapshot()
        for isNew in [false, true] {
            for name in site.storage.names where name.hasPrefix("chunks/") { site.storage.remove(name) }
            #expect(try await !repository.check(reads: false).problems.isEmpty)
            site.pass(60)
            if isNew { writer = try site.writer(repository) }
            _ = try await writer.snapshot()
            #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        }
        // What is damaged is removed first.
        let name = try #require(site.storage.names.first { $0.hasPrefix("chunks/") })
        site.storage.change(name) { $0[40] ^= 1 }
        let check = try await repository.check(reads: true, repairs: true)
        #expect(check.problems.count == 1 && check.removedChunks == 1)
        site.pass(60)
        _ = try await writer.snapshot()
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    /// The place said that a point was not stored, and had stored it: the next one has its number.
    @Test func aPointThatWasStoredAllTheSameDoesNoHarm() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try await Self.table(site, "usage.db")
        defer { try? pool.close() }
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        site.storage.denied.withLock { $0 = "points/" }
        for number in 1...3 {
            try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (\(number))") }
            site.pass(10)
            if number < 3 { await #expect(throws: BackupError.self) { try await writer.point() } }
        }
        site.storage.denied.withLock { $0 = nil }
        _ = try await writer.point()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }
}
