import Crypto
import Foundation
import HadalObjects
import HadalSecrets
import HadalStore
import Synchronization

/// Copies of models in a directory or a bucket:
///
/// ```
/// blobs/sha256-…            each file once, as it is
/// packed/SHA256/000000      in pieces of 16 MiB, zstd where it saves 5 %
/// sealed/files/HMAC/000000  in such pieces, encrypted, under names that tell nothing
/// manifests/ID.json         a model; it is written when all its files are there
/// sealed/manifests/HMAC     the same, encrypted
/// keys/ID.json              a key of the place, wrapped by the key service
/// ```
///
/// New copies are written in one form; all others are read. Nothing that comes from a place is trusted: manifests are
/// read as those of strangers, and bytes are hashed before they become a blob.
public struct Replica: Sendable {
    let storage: any ObjectStorage
    /// The first is written to.
    let shelves: [any Shelf]
    /// Newest key first.
    let seals: [Seal]

    /// - Parameters:
    ///   - form: of copies to come; those under the place's keys where it has some.
    ///   - keys: of the place.
    ///   - pieceBytes: the same for all who use the place.
    package init(
        _ storage: any ObjectStorage, form: CopyForm = .plain, keys: DataKeys? = nil,
        pieceBytes: Int = PieceShelf.pieceBytes
    ) {
        precondition(!form.isEncrypted || keys != nil, "a place that is to be encrypted has a key")
        self.storage = storage
        seals = (keys?.all ?? []).reversed().map { Seal(keys: keys!, key: $0) }
        func pieces(_ seal: Seal?) -> PieceShelf {
            PieceShelf(storage: storage, level: form.compression, seal: seal, pieceBytes: pieceBytes)
        }
        let open: [any Shelf] = [PlainShelf(storage: storage), pieces(nil)]
        shelves = seals.map(pieces) + (form.compression == nil ? open : open.reversed())
    }

    public var place: String { storage.place }
    var isBucket: Bool { storage is S3Storage }

    // MARK: reading

    func contents() async throws(ObjectError) -> ReplicaContents { try await ReplicaContents(of: self) }

    /// Reads a whole file there.
    /// - Parameter took: is given how many bytes more were read, and waited for.
    /// - Returns: what is wrong with it; nil: nothing.
    func problem(
        with file: Manifest.File, took: @escaping @Sendable (Int64) async throws(ObjectError) -> Void
    ) async throws(ObjectError) -> String? {
        var first: String?
        for shelf in shelves {
            do throws(ObjectError) {
                guard let problem = try await problem(with: file, on: shelf, took) else { return nil }
                first = first ?? problem
            } catch {
                if case .notFound = error { continue }
                guard Self.isOfOneObject(error) else { throw error }
                first = first ?? "\(error)"
            }
        }
        return first ?? "is not there"
    }

    private func problem(
        with file: Manifest.File, on shelf: any Shelf,
        _ took: @escaping @Sendable (Int64) async throws(ObjectError) -> Void
    ) async throws(ObjectError) -> String? {
        let state = Mutex((hash: SHA256(), size: Int64(0)))
        try await shelf.read(file, from: 0) { bytes throws(ObjectError) in
            let size = state.withLock { state in
                state.hash.update(data: bytes)
                state.size += Int64(bytes.count)
                return state.size
            }
            guard size <= file.size else {
                throw .tooLarge(place: place, name: file.path.text, limit: Int(file.size))
            }
            try await took(Int64(bytes.count))
        }
        let (hash, size) = state.withLock { $0 }
        guard size == file.size else { return "has \(size) bytes instead of \(file.size)" }
        let found = BlobDigest(hash.finalize())
        return found == file.digest ? nil : "has other bytes: its SHA-256 is \(found.hex)"
    }

    /// In whichever form it is there; where one breaks off, the next goes on.
    func read(
        _ file: Manifest.File, from offset: Int64,
        _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) {
        let offset = Mutex(offset)
        var problem: ObjectError?
        for shelf in shelves {
            do throws(ObjectError) {
                return try await shelf.read(file, from: offset.withLock { $0 }) { bytes throws(ObjectError) in
                    try await take(bytes)
                    offset.withLock { $0 += Int64(bytes.count) }
                }
            } catch {
                guard Self.isOfOneObject(error) else { throw error }
                if case .notFound = error { continue }
                problem = problem ?? error
            }
        }
        throw problem ?? .notFound(place: place, name: "copy of \(file.path) (SHA-256 \(file.digest.hex))")
    }

    /// Whether an error says nothing of the place as a whole: a sector under one file, say, cannot be read.
    static func isOfOneObject(_ error: ObjectError) -> Bool {
        switch error {
        case .system(_, "read", _), .tooLarge, .changed, .notFound, .damaged: true
        default: false
        }
    }

    // MARK: writing

    /// - Parameters:
    ///   - blob: is to have this hash; it is computed on the way. An encrypted one goes to sealed places only.
    ///   - mending: what is there may be damaged, in whatever form.
    ///   - progress: is told how many bytes are there so far.
    /// - Throws: `ObjectError.wrongBytes`; the place is then as it was.
    func put(
        _ file: Manifest.File, from blob: BlobFile, mending: Bool = false,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws(ObjectError) {
        if blob.isEncrypted, !isSealed {
            throw notSealed
        }
        try await shelves[0].put(file, from: blob, mending: mending, progress: progress)
        if mending { try await removeOtherForms(of: file) }
    }

    /// What lies there of it in another form than copies are written in.
    func removeOtherForms(of file: Manifest.File) async throws(ObjectError) {
        for shelf in shelves.dropFirst() { try await shelf.remove(file) }
    }

    /// What is encrypted here lies encrypted there, or not at all.
    var notSealed: ObjectError {
        .badSetting(
            source: place, problem: "is not encrypted, and the model is here; write 'encryption: true' for the place")
    }

    var isSealed: Bool { !seals.isEmpty }

    func delete(_ objects: [StoredObject]) async throws(ObjectError) {
        for object in objects { try await storage.delete(object.name) }
    }

    /// Removes a model, and the files that no other model there has.
    /// - Returns: bytes of those files, as they lay there.
    public func remove(_ manifest: Manifest) async throws -> Int64 {
        let all = try await knownManifests()
        guard all.contains(where: { $0.id == manifest.id }) else { return 0 }
        for name in try names(ofManifest: manifest.id) { try await storage.delete(name) }
        let needed = Set(all.filter { $0.id != manifest.id }.flatMap(\.files).map(\.digest))
        let contents = try await contents()
        var freed: Int64 = 0
        var seen = needed
        for file in manifest.files where seen.insert(file.digest).inserted {
            let objects = contents.objects(of: file)
            try await delete(objects)
            freed += objects.reduce(0) { $0 + $1.size }
        }
        return freed
    }
}
