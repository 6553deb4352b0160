import Crypto
import Foundation
import HadalStore
import TestSupport

/// A store of its own for a test, and models in it.
struct StoreSite {
    let folder: TemporaryDirectory
    let store: ModelStore
    /// Of those who share a store.
    private var part = 0

    init() throws {
        folder = try TemporaryDirectory()
        store = ModelStore(directory: folder.file("store"))
    }

    /// The same store, for somebody who comes in at the same time.
    init(sharing other: StoreSite, part: Int) {
        (folder, store, self.part) = (other.folder, other.store, part)
    }

    /// The same store as somebody opens it who has keys.
    init(_ other: StoreSite, over store: ModelStore) { (folder, self.store) = (other.folder, store) }

    /// Enters a model as a pull does.
    @discardableResult
    func add(
        _ name: String, _ files: [String: String], variant: String? = nil, commit: String = "c0ffee",
        at seconds: Double = 1000
    ) throws -> Manifest {
        var members: [Manifest.File] = []
        for (path, text) in files {
            let digest = BlobDigest(SHA256.hash(data: Data(text.utf8)))
            members.append(Manifest.File(path: try FilePath(path), size: Int64(text.utf8.count), digest: digest))
        }
        let manifest = try Manifest(
            source: "huggingface", repository: name, variant: variant, revision: "main", commit: commit,
            license: "mit", include: [], pulledAt: Date(timeIntervalSince1970: seconds), files: members)
        var claim = Claim(
            id: manifest.id, name: manifest.name, commit: commit, byteCount: manifest.byteCount, blobs: [],
            partials: ["new\(part)"])
        _ = try store.begin(claim)
        for (file, text) in zip(members, files.values) {
            let path = store.partial("new\(part)")
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try store.enter(path, as: file.digest, for: &claim)
        }
        try store.enter(manifest)
        return manifest
    }

    func text(_ manifest: Manifest, _ path: String) throws -> String {
        try String(contentsOfFile: store.view(manifest) + "/" + path, encoding: .utf8)
    }

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store.directory + "/" + folder)) ?? []).sorted()
    }
}
