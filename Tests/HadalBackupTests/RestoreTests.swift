import Foundation
import GRDB
import HadalObjects
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

/// An audit trail that begins segment after segment.
private final class Trail: Sendable {
    private let directory: URL
    private let count = Mutex(0)

    init(_ path: String) {
        directory = URL(fileURLWithPath: path)
        try? FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    func grow() {
        count.withLock { count in
            count += 1
            for name in ["\(count).audit", "head"] {
                try? Data("\(count)".utf8).write(to: directory.appending(path: name), options: .atomic)
            }
        }
    }
}

@Suite(.timeLimit(.minutes(15)))
struct RestoreTests {
    @Test func aRestoreOverwritesNothing() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        _ = try await site.writer(repository).snapshot()
        let plan = try await repository.plan()
        await #expect(throws: BackupError.notEmpty(path: site.data)) {
            try await Restoration(plan, from: repository).run(into: site.data)
        }
        #expect(try String(contentsOfFile: site.data + "/a.txt", encoding: .utf8) == "one")
    }

    @Test func aRestoreThatBrokeOffIsBegunAnew() async throws {
        let site = try Site()
        let repository = try await site.create()
        for index in 0..<5 { try site.write("\(index)".utf8, "\(index).txt") }
        _ = try await site.writer(repository).snapshot()
        let plan = try await repository.plan()
        let target = site.directory.file("target")
        var lost = Data()
        let name = plan.files[3].chunks[0].object
        site.storage.change(name) { lost = $0 }
        site.storage.remove(name)
        // All others are there.
        let broken = try await Restoration(plan, from: repository).run(into: target)
        #expect(broken.problems.count == 1 && broken.problems[0].contains(name), "\(broken.problems)")
        #expect(try String(contentsOfFile: target + "/data/4.txt", encoding: .utf8) == "4")
        #expect(FileManager.default.fileExists(atPath: target + "/" + Restoration.mark))
        try await site.storage.put(ObjectName(name), lost)
        let report = try await Restoration(plan, from: repository).run(into: target)
        #expect(report.files == 5)
        #expect(!FileManager.default.fileExists(atPath: target + "/" + Restoration.mark))
        #expect(try Dump(target + "/data") == Dump(site.data))
    }

    @Test func modesTimesAndEmptyFilesComeBack() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write([], "empty")
        try site.write("secret".utf8, "keys/private.pem")
        chmod(site.data + "/keys/private.pem", 0o400)
        _ = try await site.writer(repository).snapshot()
        let restored = try await site.restore(repository)
        let (old, new) = try (
            FileManager.default.attributesOfItem(atPath: site.data + "/keys/private.pem"),
            FileManager.default.attributesOfItem(atPath: restored + "/keys/private.pem")
        )
        #expect(new[.posixPermissions] as? Int == 0o400)
        #expect(abs((old[.modificationDate] as! Date).timeIntervalSince(new[.modificationDate] as! Date)) < 0.001)
        #expect(try Data(contentsOf: URL(fileURLWithPath: restored + "/empty")).isEmpty)
    }

    @Test func whatIsRunningIsLeftOutAndNothingElse() async throws {
        let site = try Site()
        let repository = try await site.create()
        let passing = ["server.json", "keys.lock", "backup.lock", "audit/lock", ".hadal-backup/copy.db"]
        // What people may call their variants, tenants and files.
        let kept = [
            "variants/server.json", "tenants/lock/a", "trade-journal", "x.tmp", "b.sock", "c-wal", "audit/head",
        ]
        for name in passing + kept + ["a.db-wal", "models/big.bin"] { try site.write("x".utf8, name) }
        let pool = try site.pool("a.db")
        defer { try? pool.close() }
        _ = try await site.writer(repository, excluded: ["data/models"]).snapshot()
        #expect(try await repository.plan().files.map(\.path) == (kept + ["a.db"]).map { "data/" + $0 }.sorted())
    }

    /// As where the audit trail lies on another disk.
    @Test func linksAreFollowedAndThoseToNowhereTold() async throws {
        let site = try Site()
        let repository = try await site.create()
        let elsewhere = site.directory.file("elsewhere")
        try FileManager.default.createDirectory(atPath: elsewhere + "/audit", withIntermediateDirectories: true)
        try Data("x".utf8).write(to: URL(fileURLWithPath: elsewhere + "/audit/0001.audit"))
        symlink(elsewhere + "/audit", site.data + "/audit")
        // A circle.
        symlink(site.data, elsewhere + "/audit/up")
        let pool = try DatabasePool(path: elsewhere + "/usage.db")
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY)") }
        symlink(elsewhere + "/usage.db", site.data + "/usage.db")
        let writer = try site.writer(repository)
        #expect(try await writer.snapshot().problems.isEmpty)
        try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (7)") }
        site.pass(1)
        _ = try await writer.point()
        let restored = try await site.restore(repository)
        #expect(try String(contentsOfFile: restored + "/audit/0001.audit", encoding: .utf8) == "x")
        #expect(try Dump.rows(restored + "/usage.db") == Dump.rows(elsewhere + "/usage.db"))
        symlink("/nowhere/at/all", site.data + "/files")
        site.pass(1)
        let report = try await writer.point().report
        #expect(report?.problems.count == 1 && report?.problems[0].contains("/files") == true)
        #expect(try await repository.plan().problems == report?.problems)
    }

    /// A copy of the directory must not write to the backup that it came from.
    @Test func aRestoredDirectoryHasNoKeyToTheBackup() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("the key".utf8, "backup.key")
        try site.write("one".utf8, "a.txt")
        _ = try await site.writer(repository).snapshot()
        let restored = try await site.restore(repository)
        #expect(try FileManager.default.contentsOfDirectory(atPath: restored) == ["a.txt"])
    }

    @Test func onlyTheOwnerWrites() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        await #expect(throws: BackupError.takenOver(place: "memory")) {
            try await site.writer(repository, owner: "another").snapshot()
        }
        try await repository.take(over: "another")
        try site.write("two".utf8, "b.txt")
        await #expect(throws: BackupError.takenOver(place: "memory")) { try await writer.point() }
        _ = try await site.writer(repository, owner: "another").snapshot()
        // A disk that is no longer mounted: an empty directory in the place's place.
        site.storage.remove("owner")
        await #expect(throws: BackupError.noRepository(place: "memory")) { try await writer.point() }
    }

    /// Written again and again while it is read, as a file that is replaced between being found and being read.
    @Test func aFileIsTakenAsItIsWhenItIsRead() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("{}".utf8, "keys.json")
        for index in 0..<50 { try site.write(Array(repeating: UInt8(index), count: 400_000), "files/\(index)") }
        let writer = try site.writer(repository)
        // Replaced by a longer one in the middle of the snapshot, after the files were found.
        let count = Mutex(0)
        _ = try await writer.snapshot(while: {
            let now = count.withLock { count in
                count += 1
                return count
            }
            if now == 20 {
                try? Data(repeating: 7, count: 900).write(
                    to: URL(fileURLWithPath: site.data + "/keys.json"), options: .atomic)
            }
            return true
        })
        let restored = try await site.restore(repository)
        #expect(try Data(contentsOf: URL(fileURLWithPath: restored + "/keys.json")) == Data(repeating: 7, count: 900))
    }

    @Test func whatCannotBeReadIsToldInThePlanAndStaysAsItWas() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("fine".utf8, "a.txt")
        // Without a log, which would still have its pages.
        let queue = try DatabaseQueue(path: site.data + "/usage.db")
        try await queue.write {
            try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)")
        }
        try queue.close()
        let writer = try site.writer(repository)
        _ = try await writer.snapshot()
        let whole = try Data(contentsOf: URL(fileURLWithPath: site.data + "/usage.db"))
        try site.write(String(repeating: "no database ", count: 900).utf8, "usage.db")
        site.pass(1)
        #expect(try await writer.snapshot().snapshot.isPartial)
        #expect(try await repository.plan().problems.count == 1)
        #expect(try Dump.rows(try await site.restore(repository) + "/usage.db") == "t:1")
        try whole.write(to: URL(fileURLWithPath: site.data + "/usage.db"), options: .atomic)
        site.pass(1)
        _ = try await writer.point()
        #expect(try await repository.plan().problems.isEmpty)
    }

    /// A configuration that Kubernetes mounts: the file is a link through a link.
    @Test func aLinkToAFileIsItsFile() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("port: 1".utf8, "..2026/hadal.yaml")
        symlink("..2026", site.data + "/..data")
        symlink("..data/hadal.yaml", site.data + "/hadal.yaml")
        let writer = try BackupWriter(
            repository,
            .init(
                roots: [BackupRoot(name: "configuration", path: site.data + "/hadal.yaml")],
                scratch: site.directory.file("scratch"), owner: "test"))
        _ = try await writer.snapshot()
        let target = site.directory.file("target")
        _ = try await Restoration(try await repository.plan(), from: repository).run(into: target)
        #expect(try String(contentsOfFile: target + "/configuration/hadal.yaml", encoding: .utf8) == "port: 1")
    }

    @Test func aFileThatCannotBeReadIsTold() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("x".utf8, "a.txt")
        // Not a database.
        try site.write("no database at all, only text that is long enough".utf8, "broken.db")
        let report = try await site.writer(repository).snapshot()
        #expect(report.problems.count == 1 && report.problems[0].contains("broken.db"), "\(report.problems)")
        #expect(try await repository.plan().problems == report.problems)
        #expect(try await repository.plan().files.map(\.path) == ["data/a.txt"])
    }

    @Test func aTimeBeforeTheFirstSnapshotHasNothing() async throws {
        let site = try Site()
        let repository = try await site.create()
        await #expect(throws: BackupError.noSnapshot(place: "memory", before: nil)) { try await repository.plan() }
        try site.write("x".utf8, "a.txt")
        let report = try await site.writer(repository).snapshot()
        let before = report.time - 1
        await #expect(throws: BackupError.noSnapshot(place: "memory", before: before)) {
            try await repository.plan(at: before)
        }
    }

    /// A database that cannot be brought back keeps no other file from it.
    @Test func aDamagedDatabaseIsToldAndTheRestIsThere() async throws {
        let site = try Site()
        let repository = try await site.create()
        let chunks = ChunkWriter(repository: repository, known: [])
        func entry(_ name: String, _ kind: FileEntry.Kind, _ text: String) async throws -> FileEntry {
            let bytes = Data(text.utf8)
            return FileEntry(
                path: "data/" + name, kind: kind, mode: 0o600, size: Int64(bytes.count), modified: 0,
                chunks: try await chunks.write(bytes))
        }
        let files = [
            try await entry("a.db", .database, String(repeating: "no database ", count: 500)),
            try await entry("b.txt", .file, "fine"),
        ]
        try await repository.write(
            Snapshot(roots: [], files: files, problems: [], previous: nil), as: SnapshotName(site.now))
        let target = site.directory.file("target")
        let report = try await Restoration(try await repository.plan(), from: repository).run(into: target)
        #expect(report.problems.count == 1 && report.problems[0].hasPrefix("data/a.db"), "\(report.problems)")
        #expect(try String(contentsOfFile: target + "/data/b.txt", encoding: .utf8) == "fine")
        #expect(FileManager.default.fileExists(atPath: target + "/" + Restoration.mark))
    }

    @Test func aDatabaseThatCannotBeReadIsNotCompared() throws {
        let site = try Site()
        let other = site.directory.file("other")
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        try site.write("same".utf8, "a.txt")
        for directory in [site.data, other] {
            try Data("same".utf8).write(to: URL(fileURLWithPath: directory + "/a.txt"))
            try Data(String(repeating: "no database ", count: 500).utf8)
                .write(to: URL(fileURLWithPath: directory + "/b.db"))
        }
        let comparison = DataComparison(restored: other, live: site.data)
        #expect(comparison.problems.count == 1 && comparison.sameFiles == 1)
    }

    /// While a snapshot is begun, a trail begins a segment and names it in its head: a head that is newer than the
    /// segments would say that one is gone.
    @Test func anAuditTrailsHeadIsNotNewerThanItsSegments() async throws {
        let site = try Site()
        let repository = try await site.create()
        let trail = Trail(site.data + "/audit")
        trail.grow()
        let writer = try site.writer(repository)
        _ = try await writer.snapshot(while: {
            trail.grow()
            return true
        })
        site.storage.beforePut.withLock { $0 = { _ in trail.grow() } }
        for _ in 0..<5 {
            trail.grow()
            site.pass(1)
            let report = try #require(try await writer.point().report)
            let restored = try await site.restore(repository, at: report.time)
            let head = try String(contentsOfFile: restored + "/audit/head", encoding: .utf8)
            #expect(FileManager.default.fileExists(atPath: restored + "/audit/\(head).audit"))
        }
        let name = try #require(try await repository.snapshots().first)
        let files = try await repository.snapshot(name).files
        let head = try #require(files.first { $0.path == "data/audit/head" })
        let number = String(decoding: try await repository.chunk(head.chunks[0]), as: UTF8.self)
        #expect(files.contains { $0.path == "data/audit/\(number).audit" })
    }
}
