import Foundation
import GRDB
import HadalBackup
import HadalObjects
import Synchronization

// A process for tests that is killed while it backs up: BackupProbe DATA PLACE RECOVERY-KEY PUT-BEFORE-WHICH-IT-DIES

/// Ends the process before the n-th object.
final class Deadly: ObjectStorage {
    let inner: any ObjectStorage
    let left: Mutex<Int>

    init(_ inner: any ObjectStorage, _ count: Int) {
        self.inner = inner
        left = Mutex(count)
    }

    var place: String { inner.place }

    func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) {
        let isLast = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isLast { kill(getpid(), SIGKILL) }
        try await inner.put(name, bytes)
    }

    func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        try await inner.get(name, limit: limit)
    }
    func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? { try await inner.stat(name) }
    func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] { try await inner.list(prefix) }
    func delete(_ name: ObjectName) async throws(ObjectError) { try await inner.delete(name) }
    func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) { try await inner.upload(name, file: file, sha256: sha256, progress: progress) }
    func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) { try await inner.read(name, from: offset, take) }
}

let arguments = CommandLine.arguments
let (data, place) = (arguments[1], arguments[2])
let storage = Deadly(try DirectoryStorage(place, creating: false), Int(arguments[4])!)
let repository = try await BackupRepository.open(in: storage, key: RepositoryKey(recoveryText: arguments[3]))
let pool = try DatabasePool(path: data + "/usage.db")
try pool.write { try $0.execute(sql: "CREATE TABLE IF NOT EXISTS t (number INTEGER, filler BLOB)") }
let writer = try BackupWriter(
    repository,
    .init(
        roots: [BackupRoot(name: "data", path: data)], scratch: place + "-scratch", owner: "probe"))

func change(_ number: Int) throws {
    try pool.write {
        try $0.execute(sql: "INSERT INTO t VALUES (?, randomblob(20000))", arguments: [number])
    }
    try Data("\(number)".utf8).write(to: URL(fileURLWithPath: data + "/last.txt"), options: .atomic)
}

try change(1)
_ = try await writer.snapshot()
for number in 2...6 {
    try change(number)
    _ = try await writer.point()
}
_ = try await writer.snapshot()
