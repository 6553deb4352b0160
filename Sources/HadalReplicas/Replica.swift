import Crypto
import Foundation
import HadalJSON
import HadalObjects
import HadalStore
import Synchronization

/// Copies of models in a directory or a bucket, laid out as the store is:
///
/// ```
/// blobs/sha256-…      each file once
/// manifests/ID.json   a model; it is written when all its blobs are there
/// ```
///
/// Nothing that comes from it is trusted: manifests are read as those of strangers, and bytes are hashed before they
/// become a blob.
public struct Replica: Sendable {
    static let manifestBytesMax = 16 << 20

    let storage: any ObjectStorage

    public init(_ storage: any ObjectStorage) { self.storage = storage }

    public var place: String { storage.place }

    // MARK: what is there

    /// By the names alone: no byte of a blob is read.
    func blobs() async throws(ObjectError) -> [BlobDigest: StoredObject] {
        var blobs: [BlobDigest: StoredObject] = [:]
        for object in try await storage.list("blobs/") {
            guard let digest = BlobDigest(hex: String(object.name.text.dropFirst("blobs/sha256-".utf8.count))) else {
                continue
            }
            blobs[digest] = object
        }
        return blobs
    }

    func sizes() async throws(ObjectError) -> [BlobDigest: Int64] { try await blobs().mapValues(\.size) }

    /// Of the models that are there.
    public func ids() async throws(ObjectError) -> Set<String> {
        Set(
            try await storage.list("manifests/").compactMap {
                $0.name.text.wholeMatch(of: /manifests\/([0-9a-f]{16})\.json/).map { String($0.1) }
            })
    }

    /// Of one model.
    /// - Throws: `ReplicaError.badManifest`; `ObjectError` where it is not the manifest's fault.
    public func manifest(id: String) async throws -> Manifest {
        let name = Self.name(ofManifest: id)
        do {
            let bytes = try await storage.get(try ObjectName(name), limit: Self.manifestBytesMax)
            let manifest = try Manifest(try JSON(parsing: bytes), file: name)
            guard manifest.id == id else {
                throw StoreError.badFile(path: name, field: "files", problem: "they are not those of \(id)")
            }
            return manifest
        } catch let error as ObjectError where !Self.isOfOneObject(error) { throw error } catch {
            throw ReplicaError.badManifest(place: place, name: name, problem: "\(error)")
        }
    }

    /// Whether an error says nothing of the place as a whole: a sector under one file, say, cannot be read.
    private static func isOfOneObject(_ error: ObjectError) -> Bool {
        switch error {
        case .system(_, "read", _), .tooLarge, .changed, .notFound: true
        default: false
        }
    }

    /// All models, by their names, and the IDs of those that cannot be read.
    public func manifests() async throws(ObjectError) -> (
        manifests: [Manifest], unreadable: [(id: String, problem: String)]
    ) {
        var manifests: [Manifest] = []
        var unreadable: [(id: String, problem: String)] = []
        for id in try await ids().sorted() {
            do { manifests.append(try await manifest(id: id)) } catch let error as ObjectError { throw error } catch {
                unreadable.append((id, "\(error)"))
            }
        }
        return (manifests.sorted { ($0.name, $1.pulledAt) < ($1.name, $0.pulledAt) }, unreadable)
    }

    /// All models, where something is to be removed.
    /// - Throws: `ReplicaError.unknownContents` where one cannot be read: what it names is not known.
    func knownManifests() async throws -> [Manifest] {
        let (manifests, unreadable) = try await manifests()
        guard unreadable.isEmpty else {
            throw ReplicaError.unknownContents(place: place, names: unreadable.map { Self.name(ofManifest: $0.id) })
        }
        return manifests
    }

    /// Reads a whole file there.
    /// - Parameter progress: is given how many bytes more were read.
    /// - Returns: what is wrong with it; nil: nothing.
    func problem(
        with file: Manifest.File, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) -> String? {
        let hash = Mutex(SHA256())
        do throws(ObjectError) {
            guard let object = try await storage.stat(try Self.name(of: file.digest)) else { return "is not there" }
            guard object.size == file.size else { return "has \(object.size) bytes instead of \(file.size)" }
            try await read(file, from: 0) { bytes throws(ObjectError) in
                hash.withLock { $0.update(data: bytes) }
                progress(Int64(bytes.count))
            }
        } catch {
            guard Self.isOfOneObject(error) else { throw error }
            return "\(error)"
        }
        let found = BlobDigest(hash.withLock { $0.finalize() })
        return found == file.digest ? nil : "has other bytes: its SHA-256 is \(found.hex)"
    }

    func read(
        _ file: Manifest.File, from offset: Int64,
        _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        try await storage.read(try Self.name(of: file.digest), from: offset, take)
    }

    // MARK: writing

    /// - Parameters:
    ///   - path: of a file that is to have this hash; it is computed on the way.
    ///   - progress: is told how many bytes are there so far.
    /// - Throws: `ObjectError.wrongBytes`; the place is then as it was.
    func put(
        _ digest: BlobDigest, from path: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) {
        try await storage.upload(try Self.name(of: digest), file: path, sha256: digest.hex, progress: progress)
    }

    /// Makes a model of blobs that are all there.
    func put(_ manifest: Manifest) async throws(ObjectError) {
        try await storage.put(
            try ObjectName(Self.name(ofManifest: manifest.id)), Data(manifest.json.bytes + [0x0A]))
    }

    /// Removes a model, and the files that no other model there has.
    /// - Returns: bytes of those files.
    public func remove(_ manifest: Manifest) async throws -> Int64 {
        let all = try await knownManifests()
        guard all.contains(where: { $0.id == manifest.id }) else { return 0 }
        try await storage.delete(try ObjectName(Self.name(ofManifest: manifest.id)))
        let needed = Set(all.filter { $0.id != manifest.id }.flatMap(\.files).map(\.digest))
        let sizes = try await sizes()
        var freed: Int64 = 0
        for digest in Set(manifest.files.map(\.digest)).subtracting(needed) {
            try await delete(digest)
            freed += sizes[digest] ?? 0
        }
        return freed
    }

    func delete(_ blob: BlobDigest) async throws(ObjectError) { try await storage.delete(try Self.name(of: blob)) }

    private static func name(of digest: BlobDigest) throws(ObjectError) -> ObjectName {
        try ObjectName("blobs/\(digest)")
    }

    private static func name(ofManifest id: String) -> String { "manifests/\(id).json" }
}
