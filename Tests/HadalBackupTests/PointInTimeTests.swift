import Foundation
import GRDB
import HadalObjects
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

/// What is brought back is what there was, at any time that was backed up.
@Suite(.timeLimit(.minutes(15)))
struct PointInTimeTests {
    /// Random changes of files and databases, random checkpoints by others, and a dump beside each point.
    @Test(arguments: [1, 2, 3, 4])
    func eachPointIsWhatThereWas(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        var pools: [DatabasePool] = []
        for name in ["access.db", "usage.db"] {
            let pool = try site.pool(name)
            try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)") }
            pools.append(pool)
        }
        var dumps: [(time: Date, dump: Dump)] = []
        for round in 0..<60 {
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                try await Self.change(site, pools, &random)
            }
            site.pass(10)
            let report = round % 25 == 24 ? try await writer.snapshot() : try await writer.point().report
            #expect(report?.problems.isEmpty != false)
            if let report { dumps.append((report.time, try Dump(site.data))) }
        }
        #expect(dumps.count > 30)
        for (index, (time, dump)) in dumps.enumerated() where index % 3 == 0 || index == dumps.count - 1 {
            #expect(try Dump(try await site.restore(repository, at: time + 1)) == dump, "point \(index)")
        }
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    private static func change(_ site: Site, _ pools: [DatabasePool], _ random: inout SplitMix) async throws {
        let pool = pools[Int.random(in: 0..<pools.count, using: &random)]
        let number = Int.random(in: 0..<40, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0...4:
            let text = String(repeating: "\(number)", count: Int.random(in: 1...3000, using: &random))
            let rows = Int.random(in: 1...120, using: &random)
            try await pool.write { db in
                for _ in 0..<rows { try db.execute(sql: "INSERT INTO t (text) VALUES (?)", arguments: [text]) }
            }
        case 5: try await pool.write { try $0.execute(sql: "DELETE FROM t WHERE id % 3 = \(number % 3)") }
        case 6:
            // What is taken back stands in the log, too.
            try? await pool.write { db in
                try db.execute(sql: "UPDATE t SET text = 'undone \(number)'")
                throw CancellationError()
            }
        case 7:
            // Others, as an administrator, who does not wait for those who read.
            let other = try DatabaseQueue(path: pool.path)
            _ = try? await other.writeWithoutTransaction {
                try $0.checkpoint(number % 2 == 0 ? .truncate : .restart)
            }
            try other.close()
        case 8:
            let size = [0, 1, 100, 262_143, 262_144, 262_145, 700_000][number % 7]
            try site.write((0..<size).map { UInt8(truncatingIfNeeded: $0 &* number) }, "files/\(number % 5).bin")
        default: try? FileManager.default.removeItem(atPath: site.data + "/files/\(number % 5).bin")
        }
    }

    /// Money moves between accounts while points are taken: their sum is the same in each.
    @Test func eachPointIsBetweenTransactions() async throws {
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        let pool = try site.pool("usage.db")
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE account (id INTEGER PRIMARY KEY, amount INTEGER, filler BLOB)")
            for id in 0..<200 {
                try db.execute(
                    sql: "INSERT INTO account VALUES (?, 100, randomblob(900))", arguments: [id])
            }
        }
        _ = try await writer.snapshot()
        let isDone = Flag()
        let times = try await withThrowingTaskGroup(of: [Date].self) { group in
            group.addTask {
                var random = SplitMix(state: 7)
                while !isDone.isSet {
                    let (from, to) = (Int.random(in: 0..<200, using: &random), Int.random(in: 0..<200, using: &random))
                    try await pool.write { db in
                        try db.execute(
                            sql: "UPDATE account SET amount = amount - 1, filler = randomblob(900) WHERE id = ?",
                            arguments: [from])
                        try db.execute(
                            sql: "UPDATE account SET amount = amount + 1 WHERE id = ?", arguments: [to])
                    }
                }
                return []
            }
            group.addTask {
                defer { isDone.set() }
                var times: [Date] = []
                while times.count < 25 {
                    site.pass(1)
                    if let report = try await writer.point().report { times.append(report.time) }
                }
                return times
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        for time in times {
            let restored = try await site.restore(repository, at: time)
            let sum = try await DatabaseQueue(path: restored + "/usage.db").read {
                try Int.fetchOne($0, sql: "SELECT sum(amount) FROM account")
            }
            #expect(sum == 20_000)
        }
    }

    /// Points carry what changed, not the database again.
    @Test func aPointIsAsSmallAsItsChange() async throws {
        let site = try Site()
        let writer = try site.writer(try await site.create())
        let pool = try site.pool("usage.db")
        try await pool.write { db in
            try db.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text BLOB)")
            for _ in 0..<5000 { try db.execute(sql: "INSERT INTO t (text) VALUES (randomblob(2000))") }
        }
        let first = try await writer.snapshot()
        #expect(first.newBytes > 10_000_000)
        var changed: Int64 = 0
        for id in 1...100 {
            try await pool.write { try $0.execute(sql: "UPDATE t SET text = randomblob(2000) WHERE id = \(id * 40)") }
            site.pass(10)
            changed += try await writer.point().report?.newBytes ?? 0
        }
        // Each changes one page of 4 KiB, or two.
        #expect(changed < 100 * 3 * 4200, "\(changed)")
        #expect(try await writer.point().report == nil)
        // A whole copy of what has hardly changed is made of chunks that are there.
        let second = try await writer.snapshot()
        #expect(second.newBytes < first.newBytes)
    }

    /// The place fails at random moments; what was then not written comes with the next point.
    @Test(arguments: [11, 12, 13])
    func whatFailedComesLater(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        let pool = try site.pool("access.db")
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT)") }
        var failures = 0
        for round in 0..<40 {
            for _ in 0..<3 { try await Self.change(site, [pool], &random) }
            site.pass(10)
            site.storage.fail(at: Int.random(in: 1...8, using: &random))
            do throws(BackupError) {
                _ = round % 10 == 9 ? try await writer.snapshot() : try await writer.point().report
            } catch {
                guard case .storage = error else { throw error }
                failures += 1
                // Whatever is there can be brought back.
                site.storage.fail(at: nil)
                if !(try await repository.snapshots()).isEmpty { _ = try await site.restore(repository) }
            }
        }
        #expect(failures > 5)
        site.storage.fail(at: nil)
        site.pass(10)
        _ = try await writer.point()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    @Test func aClockThatGoesBackLosesNothing() async throws {
        let site = try Site()
        let repository = try await site.create()
        var writer = try site.writer(repository)
        try site.write("one".utf8, "a.txt")
        _ = try await writer.snapshot()
        site.pass(-86400)
        try site.write("two two".utf8, "a.txt")
        _ = try await writer.point()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        // It is told, always alike, and is no fault of what is backed up.
        let problem = try #require(await writer.clockProblem)
        site.pass(3)
        let outcome = try await writer.point()
        #expect(outcome.report == nil && outcome.problems.isEmpty)
        #expect(await writer.clockProblem == problem)
        #expect(try await !writer.snapshot().snapshot.isPartial)
        // Also where a new process begins.
        writer = try site.writer(repository)
        try site.write("three three three".utf8, "a.txt")
        _ = try await writer.snapshot()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.snapshots().count == 3)
    }

    /// A later change may have left the same time on it: it is read again, also where the point that read it was not
    /// stored.
    @Test func aFileThatWasJustWrittenIsReadAgain() async throws {
        let site = try Site()
        let repository = try await site.create()
        let path = site.data + "/a.txt"
        let writer = try site.writer(repository)
        // Ahead, so that it is still young when both were written: where this machine is busy, further.
        var ahead = 0.5
        var time: Date
        repeat {
            time = Date().addingTimeInterval(ahead)
            ahead *= 2
            for text in ["one", "two"] {
                try site.write(text.utf8, "a.txt")
                try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
                if text == "one" { _ = try await writer.snapshot() }
            }
        } while Date() >= time
        while Date() < time + 0.2 { await Task.yield() }
        site.storage.fail(at: 2)
        site.pass(1)
        await #expect(throws: BackupError.self) { try await writer.point() }
        site.storage.fail(at: nil)
        site.pass(1)
        _ = try await writer.point()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// Neither in WAL mode nor all alike: a database whose journal is of the old kind is copied when it has changed.
    @Test func aDatabaseWithoutALogIsCopiedWhenItChanges() async throws {
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        let queue = try DatabaseQueue(path: site.data + "/reviews.db")
        try await queue.write {
            try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
        }
        _ = try await writer.snapshot()
        site.pass(1)
        #expect(try await writer.point().report == nil)
        try await queue.write { try $0.execute(sql: "INSERT INTO t VALUES (2)") }
        site.pass(1)
        #expect(try await writer.point().report?.files == 1)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }
}
