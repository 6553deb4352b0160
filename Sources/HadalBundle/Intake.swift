import Foundation
import HadalStore

/// The models of a bundle on their way into a store.
final class Intake {
    /// An extent, and where in its blob it begins.
    struct Piece {
        let blob: BundleIndex.Blob
        let extent: BundleIndex.Extent
        let start: Int64

        var range: Range<Int64> { start..<start + extent.size }
    }

    private let store: ModelStore
    /// Those of the models that come, whether they are in the store or not.
    private let blobs: [BundleIndex.Blob]
    private let paths: [BlobDigest: FilePath]
    /// By the part, in its order.
    private let pieces: [Int: [Piece]]
    /// Not there yet.
    private(set) var waiting: [Manifest]
    private(set) var entered: [Manifest] = []
    private var claims: [String: Claim] = [:]
    private var locks: [String: FileLock] = [:]

    init(_ manifests: [Manifest], of index: BundleIndex, _ store: ModelStore) throws {
        self.store = store
        waiting = manifests
        paths = Dictionary(manifests.flatMap(\.files).map { ($0.digest, $0.path) }) { first, _ in first }
        let paths = paths
        blobs = index.blobs.filter { paths[$0.digest] != nil }
        var pieces: [Int: [Piece]] = [:]
        for blob in blobs {
            var start: Int64 = 0
            for extent in blob.extents {
                pieces[extent.part, default: []].append(Piece(blob: blob, extent: extent, start: start))
                start += extent.size
            }
        }
        self.pieces = pieces.mapValues { $0.sorted { $0.extent.offset < $1.extent.offset } }
    }

    /// bytes that are not in the store
    var missingBytes: Int64 {
        get throws {
            try blobs.reduce(0) { sum, blob in
                if try store.has(blob.digest, size: blob.size) { return sum }
                return sum + blob.size - PartialFile.doneBytes(partial(blob), size: blob.size)
            }
        }
    }

    var roomToEncrypt: Int64 { store.roomToEncrypt(blobs.map(\.size)) }

    /// Says to other processes what comes.
    func begin() throws {
        for manifest in waiting {
            let digests = manifest.files.map(\.digest)
            let claim = Claim(
                id: manifest.id, name: manifest.name, commit: manifest.commit, byteCount: manifest.byteCount,
                blobs: Set(digests), partials: Set(digests.map(\.description)))
            guard let lock = try store.begin(claim) else { throw StoreError.busy(name: claim.fullName) }
            (claims[manifest.id], locks[manifest.id]) = (claim, lock)
        }
        // Empty ones, which are in no part, and those of which a process that was killed had all bytes.
        for blob in blobs where PartialFile.doneBytes(partial(blob), size: blob.size) == blob.size {
            if try !store.has(blob.digest, size: blob.size) { try enter(blob, try open(blob)) }
        }
        try enterComplete()
    }

    /// What a part has that the store has not.
    func wanted(from part: Int) throws -> [Piece] {
        let needed = Set(waiting.flatMap(\.files).map(\.digest))
        return try (pieces[part] ?? []).filter { piece in
            guard needed.contains(piece.blob.digest) else { return false }
            if try store.has(piece.blob.digest, size: piece.blob.size) { return false }
            return !PartialFile.done(partial(piece.blob), size: piece.blob.size).contains(piece.range)
        }
    }

    /// - Parameters:
    ///   - pieces: those that are wanted from the part.
    ///   - part: was checked.
    ///   - progress: is given bytes of files.
    /// - Returns: bytes of files.
    func take(
        _ pieces: [Piece], from part: PartFile, progress: (_ done: Int64, _ total: Int64) throws -> Void
    ) throws -> Int64 {
        let total = pieces.reduce(0) { $0 + $1.extent.size }
        var done: Int64 = 0
        for piece in pieces {
            try take(piece, from: part) { count in
                done += count
                try progress(done, total)
            }
        }
        try enterComplete()
        return total
    }

    private func take(_ piece: Piece, from part: PartFile, progress: (Int64) throws -> Void) throws {
        let file = try open(piece.blob)
        try part.read(piece.extent) { bytes, offset in
            _ = try file.write(bytes, at: piece.start + offset)
            try progress(Int64(bytes.count))
        }
        try file.save()
        if file.doneBytes == file.size { try enter(piece.blob, file) }
    }

    /// Makes models of those whose files are all there.
    private func enterComplete() throws {
        for manifest in waiting where try !store.isDamaged(manifest) {
            try store.enter(manifest)
            (claims[manifest.id], locks[manifest.id]) = (nil, nil)
            entered.append(manifest)
        }
        waiting.removeAll { claims[$0.id] == nil }
    }

    private func enter(_ blob: BundleIndex.Blob, _ file: PartialFile) throws {
        let (found, _) = try FileHash.sha256(file.path)
        guard found == blob.digest else {
            try file.reset()
            throw BundleError.wrongBlob(path: paths[blob.digest]!, told: blob.digest, found: found)
        }
        let owner = waiting.first { $0.files.contains { $0.digest == blob.digest } }!
        try store.enter(file.path, as: blob.digest, for: &claims[owner.id]!)
        file.forgetRecord()
    }

    private func open(_ blob: BundleIndex.Blob) throws -> PartialFile {
        try PartialFile(
            partial(blob), size: blob.size, name: paths[blob.digest]!.text, saveBytes: .max,
            isNamedByContent: true)
    }

    private func partial(_ blob: BundleIndex.Blob) -> String { store.partial(blob.digest.description) }
}
