import Foundation
import GRDB
import HadalObjects
import Synchronization
import TestSupport

@testable import HadalBackup

/// A data directory, a place for backups, and what was backed up when.
final class Site: Sendable {
    let directory: TemporaryDirectory
    let storage: MemoryStorage
    let key = RepositoryKey.random()
    /// Seconds since 1970, moved by tests.
    let clock = Mutex(1_800_000_000.0)

    init(_ storage: MemoryStorage = MemoryStorage()) throws {
        directory = try TemporaryDirectory()
        self.storage = storage
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    }

    var data: String { directory.file("data") }

    func repository() async throws -> BackupRepository { try await BackupRepository.open(in: storage, key: key) }

    func create() async throws -> BackupRepository {
        let repository = try await BackupRepository.create(in: storage, key: key)
        try await repository.take(over: "test")
        return repository
    }

    func writer(
        _ repository: BackupRepository, owner: String = "test", excluded: Set<String> = []
    ) throws -> BackupWriter {
        var settings = BackupWriter.Settings(
            roots: [BackupRoot(name: "data", path: data)], scratch: directory.file("scratch"), owner: owner)
        settings.excluded = excluded
        return try BackupWriter(repository, settings) { [self] in now }
    }

    var now: Date { clock.withLock { Date(timeIntervalSince1970: $0) } }

    func pass(_ seconds: Double) { clock.withLock { $0 += seconds } }

    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws {
        let url = URL(fileURLWithPath: data + "/" + name)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }

    /// Brings back into a directory of its own.
    /// - Returns: the restored data directory.
    func restore(_ repository: BackupRepository, at time: Date? = nil) async throws -> String {
        let target = directory.file("restored-\(UUID().uuidString)")
        let report = try await Restoration(try await repository.plan(at: time), from: repository).run(into: target)
        guard report.problems.isEmpty else { throw NotWhole(problems: report.problems) }
        return target + "/data"
    }

    func pool(_ name: String) throws -> DatabasePool { try DatabasePool(path: data + "/" + name) }
}

/// What a restore could not bring back.
struct NotWhole: Error {
    let problems: [String]
}

/// What there is below a directory: paths, modes and bytes; of databases what their tables hold.
struct Dump: Equatable, CustomStringConvertible {
    var files: [String: String] = [:]

    init(_ directory: String) throws {
        for case let name as String in FileManager.default.enumerator(atPath: directory)! {
            let path = directory + "/" + name
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
                !["-wal", "-shm", "-journal", ".lock", "backup.head"].contains(where: { name.hasSuffix($0) }),
                !name.hasPrefix(".hadal-")
            else { continue }
            if name.hasSuffix(".db") {
                files[name] = try Self.rows(path)
            } else {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int ?? 0
                files[name] = "\(bytes.count) \(bytes.hashValue) \(String(mode, radix: 8))"
            }
        }
    }

    static func rows(_ path: String) throws -> String {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            return try tables.map { table in
                let rows = try Row.fetchAll(db, sql: "SELECT * FROM \"\(table)\" ORDER BY 1")
                return table + ":"
                    + rows.map { $0.databaseValues.map(text).joined(separator: ",") }.joined(separator: ";")
            }.joined(separator: "\n")
        }
    }

    /// GRDB's own description of a value quotes its text, slowly.
    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "null"
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): "'" + text
        case .blob(let bytes): bytes.base64EncodedString()
        }
    }

    var description: String { files.map { "\($0): \($1.prefix(80))" }.sorted().joined(separator: "\n") }
}

extension BackupWriter.Outcome {
    /// nil: nothing has changed.
    var report: BackupWriter.Report? {
        if case .written(let report) = self { report } else { nil }
    }
}

extension BackupRepository {
    /// As `hadal backup clear` does.
    func clear(_ policy: RetentionPolicy, now: Date) async throws -> Clearing {
        var clearing = try await clearing(policy, owner: "test", now: now)
        while try await clearing.step() {}
        return clearing
    }
}
