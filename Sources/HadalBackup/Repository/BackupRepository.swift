import Foundation
import HadalJSON
import HadalObjects

/// Where backups lie, encrypted: `hadal-backup.json` (what this is), `chunks/…` (pieces of files, each once),
/// `snapshots/…` and `points/…` (which pieces make which files), `cleared` (what was removed on purpose), `owner`
/// (which data directory writes).
///
/// One process writes at a time; any number read.
public struct BackupRepository: Sendable {
    private static let header = "hadal-backup.json"
    private static let checkText = "hadal backup"
    private static let ownerObject = "owner"
    private static let clearedObject = "cleared"
    private static let documentLimit = 1 << 30
    /// Bytes that a file is cut into. Pages of a database that change are few; a longer chunk would carry more that did
    /// not.
    public static let chunkBytes = 256 * 1024

    let storage: RepositoryStorage
    private let cipher: ObjectCipher
    let chunkKey: ChunkKey

    public var place: String { storage.place }

    private init(storage: RepositoryStorage, key: RepositoryKey) {
        self.storage = storage
        cipher = ObjectCipher(key: key)
        chunkKey = ChunkKey(key)
    }

    // MARK: - Making and opening

    public static func create(
        in storage: any ObjectStorage, key: RepositoryKey, now: Date = Date()
    ) async throws(BackupError) -> BackupRepository {
        let storage = RepositoryStorage(storage: storage)
        guard try await storage.stat(header) == nil else { throw .alreadyThere(place: storage.place) }
        let id = UUID().uuidString.lowercased()
        let repository = BackupRepository(storage: storage, key: key)
        let check = repository.cipher.seal(Data(checkText.utf8), as: id)
        let description: JSON = [
            "format": "hadal backup", "version": .int(Int64(Snapshot.format)), "id": .string(id),
            "created": .string(now.ISO8601Format()), "check": .string(check.base64EncodedString()),
        ]
        try await storage.put(header, Data(description.bytes))
        return repository
    }

    public static func open(
        in storage: any ObjectStorage, key: RepositoryKey
    ) async throws(BackupError) -> BackupRepository {
        let storage = RepositoryStorage(storage: storage)
        guard try await storage.stat(header) != nil else { throw .noRepository(place: storage.place) }
        let bytes = try await storage.get(header, limit: 1 << 16)
        guard let json = try? JSON(parsing: bytes), json["format"]?.string == "hadal backup",
            let version = json["version"]?.int, let id = json["id"]?.string
        else { throw .damaged(place: storage.place, object: header, problem: "is not the description of a backup") }
        guard version <= Snapshot.format else { throw .newerFormat(place: storage.place, version: version) }
        let repository = BackupRepository(storage: storage, key: key)
        guard let check = json["check"]?.string.flatMap({ Data(base64Encoded: $0) }),
            repository.cipher.open(check, as: id) == Data(checkText.utf8)
        else { throw .wrongKey(place: storage.place) }
        return repository
    }

    // MARK: - Who writes

    /// From now on the data directory with this id backs up to the place, and no other.
    public func take(over owner: String) async throws(BackupError) {
        try await put(Data(owner.utf8), as: Self.ownerObject)
    }

    /// Throws where another one does, or what is there is not the place: a disk that is no longer mounted leaves an
    /// empty directory.
    public func check(owner: String) async throws(BackupError) {
        let found: Data
        do throws(BackupError) { found = try await get(Self.ownerObject, limit: 1024) } catch {
            if case .missing = error { throw .noRepository(place: place) }
            throw error
        }
        guard found == Data(owner.utf8) else { throw .takenOver(place: place) }
    }

    // MARK: - Chunks

    /// - Parameter chunk: at most `chunkBytes` bytes.
    func put(_ chunk: Data, named name: ChunkName) async throws(BackupError) {
        try await put(chunk, as: name.object)
    }

    func chunk(_ name: ChunkName) async throws(BackupError) -> Data {
        let chunk = try await get(name.object, limit: Self.chunkBytes)
        guard chunkKey.name(chunk) == name else {
            throw .damaged(place: place, object: name.object, problem: "has other bytes than its name says")
        }
        return chunk
    }

    // MARK: - Snapshots and points

    func write(_ snapshot: Snapshot, as name: SnapshotName) async throws(BackupError) {
        try await put(Data(snapshot.json.bytes), as: name.object)
    }

    func write(_ point: Point, as name: PointName) async throws(BackupError) {
        try await put(Data(point.json.bytes), as: name.object)
    }

    func snapshot(_ name: SnapshotName) async throws(BackupError) -> Snapshot {
        try await document(name.object, Snapshot.init)
    }

    func point(_ name: PointName) async throws(BackupError) -> Point { try await document(name.object, Point.init) }

    /// Of many small objects that are far away: some at a time.
    func contents(of points: some Collection<PointName>) async throws(BackupError) -> [Point] {
        try await InParallel.map(Array(points), width: 16) { name throws(BackupError) in try await self.point(name) }
    }

    /// Oldest first.
    public func snapshots() async throws(BackupError) -> [SnapshotName] {
        try await storage.list("snapshots/").compactMap { SnapshotName(String($0.name)) }.sorted()
    }

    /// In order. Of two that have the same number the later one counts: the place said of the other that it was not
    /// stored.
    public func points(of snapshot: SnapshotName) async throws(BackupError) -> [PointName] {
        let all = try await storage.list(snapshot.points).compactMap { PointName(snapshot, $0.name) }
        return Dictionary(grouping: all, by: \.number).values.compactMap { $0.max { $0.time < $1.time } }
            .sorted { $0.number < $1.number }
    }

    /// What was removed on purpose so far.
    func cleared() async throws(BackupError) -> ClearedRecord {
        do throws(BackupError) { return try await document(Self.clearedObject, ClearedRecord.init) } catch {
            if case .missing = error { return ClearedRecord() }
            throw error
        }
    }

    func write(_ cleared: ClearedRecord) async throws(BackupError) {
        try await put(Data(cleared.json.bytes), as: Self.clearedObject)
    }

    // MARK: - Objects

    private func put(_ plain: Data, as name: String) async throws(BackupError) {
        try await storage.put(name, cipher.seal(Packing.pack(plain), as: name))
    }

    private func get(_ name: String, limit: Int) async throws(BackupError) -> Data {
        let sealed = try await storage.get(name, limit: limit + Packing.overhead + ObjectCipher.overhead)
        guard let plain = cipher.open(sealed, as: name).flatMap({ Packing.unpack($0, limit: limit) }) else {
            throw .damaged(place: place, object: name, problem: "does not decrypt: it is not what was written")
        }
        return plain
    }

    private func document<Document>(
        _ name: String, _ make: (JSON) throws(DocumentError) -> Document
    ) async throws(BackupError) -> Document {
        let bytes = try await get(name, limit: Self.documentLimit)
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw .damaged(place: place, object: name, problem: "is \(error)")
        }
        if let version = json["format"]?.int, version > Snapshot.format {
            throw .newerFormat(place: place, version: version)
        }
        do throws(DocumentError) { return try make(json) } catch {
            throw .damaged(place: place, object: name, problem: "has a bad field \(error.problem)")
        }
    }
}
