import Foundation
import HadalObjects
import TestSupport
import Testing

@testable import HadalBackup

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
        await #expect(throws: BackupError.missing(place: "memory", object: name)) {
            try await Restoration(plan, from: repository).run(into: target)
        }
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

    @Test func whatIsRunningIsLeftOut() async throws {
        let site = try Site()
        let repository = try await site.create()
        for name in ["server.json", "keys.lock", "audit/lock", "a.db-wal", "x.sock", "kept.txt", "models/big.bin"] {
            try site.write("x".utf8, name)
        }
        symlink("/etc", site.data + "/etc")
        let writer = try BackupWriter(
            repository, roots: [BackupRoot(name: "data", path: site.data)], scratch: site.directory.file("scratch"),
            excluded: ["data/models"], program: "test")
        _ = try await writer.snapshot()
        #expect(try await repository.plan().files.map(\.path) == ["data/kept.txt"])
    }

    /// A configuration that Kubernetes mounts: the file is a link through a link.
    @Test func aLinkToAFileIsItsFile() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("port: 1".utf8, "..2026/hadal.yaml")
        symlink("..2026", site.data + "/..data")
        symlink("..data/hadal.yaml", site.data + "/hadal.yaml")
        let writer = try BackupWriter(
            repository, roots: [BackupRoot(name: "configuration", path: site.data + "/hadal.yaml")],
            scratch: site.directory.file("scratch"), program: "test")
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
}
