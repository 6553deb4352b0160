import Crypto
import Foundation
import HadalJSON
import HadalStore

/// Writes models of a store as a bundle.
public struct BundleExport: Sendable {
    public struct Result: Sendable {
        public let index: BundleIndex
        /// Of the index, which stands for the bundle.
        public let path: String
        /// Whose signature it has; nil: none.
        public let signer: PublicKey?
    }

    /// The largest file that FAT32 takes.
    public static let fat32BytesMax: Int64 = (1 << 32) - 1

    private let store: ModelStore
    private let directory: String
    private let partBytesMax: Int64
    private let compresses: Bool
    private let key: PrivateKey?
    private let freeSpace: FreeSpace

    /// - Parameters:
    ///   - partBytesMax: no part gets larger.
    ///   - key: nil: the bundle is not signed.
    public init(
        store: ModelStore, to directory: String, partBytesMax: Int64 = fat32BytesMax, compresses: Bool = false,
        key: PrivateKey?, freeSpace: FreeSpace = .disk
    ) {
        self.store = store
        self.directory = directory
        self.partBytesMax = partBytesMax
        self.compresses = compresses
        self.key = key
        self.freeSpace = freeSpace
    }

    /// Cut off, it leaves parts without an index, which are nothing to anybody; the next one of that name writes over
    /// them (`UnfinishedExport`).
    /// - Parameters:
    ///   - name: of the files; nil: that of the first model.
    ///   - progress: is given bytes of the models' files.
    /// - Throws: `BundleError`, `StoreError`.
    public func run(
        _ manifests: [Manifest], name: String? = nil,
        progress: (_ done: Int64, _ total: Int64) throws -> Void = { _, _ in }
    ) throws -> Result {
        var ids: Set<String> = []
        let manifests = manifests.filter { ids.insert($0.id).inserted }
        let name = name ?? manifests[0].shortName + (manifests[0].variant.map { "-" + $0 } ?? "")
        guard ModelReference.isName(name[...]) else { throw BundleError.badName(name) }
        let files = try files(of: manifests)
        let tags = Dictionary(grouping: try store.tags(), by: \.id)
        let models = manifests.map { BundleIndex.Model(manifest: $0, tags: (tags[$0.id] ?? []).map(\.tag)) }
        try check(models, files)
        let total = files.reduce(0) { $0 + $1.size }
        try check(total)
        let path = directory + "/" + name + BundleIndex.fileEnding
        guard try AtomicFile.size(of: path) == nil else { throw BundleError.exists(path: path) }
        try AtomicFile.makeDirectory(directory)

        let unfinished = try UnfinishedExport(directory + "/" + name + ".unfinished")
        let id = unfinished.id
        let writer = PartWriter(directory: directory, name: name, id: id, partBytesMax: partBytesMax)
        do {
            var done: Int64 = 0
            let blobWriter = BlobWriter(parts: writer, partBytesMax: partBytesMax, compresses: compresses)
            let blobs = try files.map { file in
                let (extents, found): ([BundleIndex.Extent], BlobDigest)
                do {
                    (extents, found) = try blobWriter.write(store.open(file)) { count in
                        done += count
                        try progress(done, total)
                    }
                } catch StoreError.unopened {
                    // Marks it.
                    _ = try store.verify(file)
                    throw damage(file.digest, manifests)
                }
                guard found == file.digest else { throw damage(file.digest, manifests) }
                return BundleIndex.Blob(digest: file.digest, size: file.size, extents: extents)
            }
            try writer.finish()
            // What a longer export left that was cut off.
            writer.discard(from: writer.parts.count + 1)
            let index = BundleIndex(id: id, createdAt: Date(), models: models, parts: writer.parts, blobs: blobs)
            try SealedIndex.write(index, key: key, to: path)
            unfinished.end()
            return Result(index: index, path: path, signer: key?.publicKey)
        } catch {
            writer.discard()
            unfinished.end()
            throw error
        }
    }

    /// Each once, in the order of the models.
    private func files(of manifests: [Manifest]) throws -> [Manifest.File] {
        var digests: Set<BlobDigest> = []
        let files = manifests.flatMap(\.files).filter { digests.insert($0.digest).inserted }
        for file in files where try !store.has(file.digest, size: file.size) { throw damage(file.digest, manifests) }
        return files
    }

    private func damage(_ digest: BlobDigest, _ manifests: [Manifest]) -> BundleError {
        for manifest in manifests {
            if let file = manifest.files.first(where: { $0.digest == digest }) {
                return .damagedModel(name: manifest.fullName, path: file.path)
            }
        }
        preconditionFailure("a file is of a model")
    }

    /// What an import goes by.
    private func check(_ models: [BundleIndex.Model], _ files: [Manifest.File]) throws {
        func refuse(_ count: Int, _ max: Int, _ what: String) throws {
            if count > max {
                throw BundleError.tooMuch(problem: "\(count) \(what) are more than \(max)")
            }
        }
        try refuse(models.count, BundleIndex.modelsMax, "models")
        try refuse(files.count, BundleIndex.blobsMax, "files")
        for model in models {
            try refuse(model.tags.count, BundleIndex.tagsMax, "tags of \(model.manifest.fullName)")
            if let problem = BundleIndex.Model.problem(with: model.manifest) {
                throw BundleError.tooMuch(problem: "\(model.manifest.fullName) has \(problem)")
            }
        }
    }

    /// - Parameter total: bytes of the files.
    private func check(_ total: Int64) throws {
        let payload = partBytesMax - Int64(PartHeader.byteCount)
        guard payload > 0, total / payload < Int64(BundleIndex.partsMax) else {
            throw BundleError.badSplit(
                problem: "\(ByteCount.text(total)) in parts of \(ByteCount.text(partBytesMax)) would be more than "
                    + "\(BundleIndex.partsMax) parts; make them larger")
        }
        // How much smaller they become is not known before.
        if compresses { return }
        let needed = total + (total / payload + 1) * Int64(PartHeader.byteCount)
        let free = try freeSpace.free(directory)
        if free < needed { throw BundleError.noRoom(directory: directory, needed: needed, free: free) }
    }
}
