import Foundation
import HadalJSON

/// How files and models come in.
extension ModelStore {
    /// Says what a pull has, so that nobody removes it.
    /// - Returns: what says, as long as it is held, that the pull runs; nil: one of the same model runs already.
    public func begin(_ claim: Claim) throws(StoreError) -> FileLock? {
        try exclusively { () throws(StoreError) in
            guard let lock = try FileLock(ifFree: lock(of: claim)) else { return nil }
            try write(claim)
            return lock
        }
    }

    func lock(of claim: Claim) -> String { path("pulls", claim.id + ".lock") }

    /// The path of a file that is not yet whole.
    /// - Parameter name: one that the claim has.
    public func partial(_ name: String) -> String { path("partial", name) }

    /// Makes a whole, checked file, which is on the disk, a blob; it takes the place of a damaged one.
    /// - Parameter claim: that of its pull, which names it from now on.
    public func enter(_ file: String, as digest: BlobDigest, for claim: inout Claim) throws(StoreError) {
        claim.blobs.insert(digest)
        let claim = claim
        let blob = try formed(file, as: digest)
        try exclusively { () throws(StoreError) in
            try write(claim)
            // Where it is cut off before that, the next pull writes to it again.
            try place(blob, as: digest, isFormed: blob != file)
        }
        if blob != file { _ = try delete(file) }
    }

    /// Puts a whole, checked file, which is on the disk, in the place of one that a model has and that is damaged or
    /// gone. Where no model and no pull has it any more, the file is removed.
    public func mend(_ file: String, as digest: BlobDigest) throws(StoreError) {
        let blob = try formed(file, as: digest)
        try replace(digest, by: blob, isFormed: blob != file)
        if blob != file { _ = try delete(file) }
    }

    func replace(_ digest: BlobDigest, by file: String, isFormed: Bool = true) throws(StoreError) {
        try exclusively { () throws(StoreError) in
            let (manifests, problems) = try readable()
            let claims = try? claims()
            let named = Set(manifests.flatMap { $0.files.map(\.digest) }).union(claims?.flatMap(\.blobs) ?? [])
            // What those name that cannot be read is not known.
            if named.contains(digest) || !problems.isEmpty || claims == nil {
                try place(file, as: digest, isFormed: isFormed)
            } else {
                _ = try delete(file)
            }
        }
    }

    /// - Parameter isFormed: false: it is plain, and may be.
    private func place(_ file: String, as digest: BlobDigest, isFormed: Bool) throws(StoreError) {
        // Or somebody encrypted a model that has it just now.
        if !isFormed, try isToBeEncrypted(digest) { throw .busy(name: digest.description) }
        // Before, so that nobody finds a blob that its owner alone may read; but one that a pull goes on with, where this
        // ends here, is to be written to.
        if isFormed { chmod(file, 0o444) }
        try AtomicFile.move(file, to: blob(digest))
        if !isFormed { chmod(blob(digest), 0o444) }
        _ = try delete(damageMark(digest))
    }

    /// Makes a model of files that are all there, and ends its pull. Where the store is encrypted, files are too that other
    /// models had in plain.
    public func enter(_ manifest: Manifest) throws(StoreError) {
        for file in manifest.files where try !holds(file.digest, size: file.size) {
            throw .missingBlob(file: file.path.text, digest: file.digest.description)
        }
        let isMarked = try isToBeEncrypted(manifest)
        if encrypts || isMarked {
            do { _ = try encrypt(manifest, waits: true) } catch { throw StoreError(error, path: directory) }
        }
        try exclusively { () throws(StoreError) in
            for file in manifest.files where try !holds(file.digest, size: file.size) {
                throw .missingBlob(file: file.path.text, digest: file.digest.description)
            }
            if !isLinked(manifest) { try makeView(manifest) }
            let json = manifest.json
            try AtomicFile.write(json.bytes + [0x0A], to: path("manifests", manifest.id + ".json"))
            for ending in [".json", ".lock"] { _ = try delete(path("pulls", manifest.id + ending)) }
            // The model is there, also where what nobody needs cannot be removed now.
            _ = try? sweep()
        }
    }

    private func write(_ claim: Claim) throws(StoreError) {
        try AtomicFile.write(claim.bytes, to: path("pulls", claim.id + ".json"))
    }

    /// Whether the links are those that `makeView` makes.
    package func isLinked(_ manifest: Manifest) -> Bool {
        manifest.files.allSatisfy { file in
            let link = view(manifest) + "/" + file.path.text
            return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == target(of: file)
        }
    }

    /// From the link up to `models/ID/NAME` and out of it.
    private func target(of file: Manifest.File) -> String {
        String(repeating: "../", count: file.path.parts.count + 2) + "blobs/" + file.digest.description
    }

    /// Links, relative, so that the store can be moved; made aside.
    func makeView(_ manifest: Manifest) throws(StoreError) {
        let home = path("models", manifest.id)
        let aside = AtomicFile.aside(home)
        try remove(tree: aside)
        let top = aside + "/" + manifest.shortName
        try AtomicFile.makeDirectory(top)
        for file in manifest.files {
            let link = top + "/" + file.path.text
            if !file.path.isAtTop { try AtomicFile.makeDirectory((link as NSString).deletingLastPathComponent) }
            guard symlink(target(of: file), link) == 0 else {
                throw .system(path: link, operation: "make the link", code: errno)
            }
        }
        try AtomicFile.settle(directory: top)
        try remove(tree: home)
        try AtomicFile.move(aside, to: home)
    }

    /// - Returns: whether it was there.
    func delete(_ file: String) throws(StoreError) -> Bool {
        if unlink(file) == 0 { return true }
        if errno == ENOENT { return false }
        throw .system(path: file, operation: "remove", code: errno)
    }

    func remove(tree: String) throws(StoreError) {
        var status = stat()
        guard lstat(tree, &status) == 0 else { return }
        do { try FileManager.default.removeItem(atPath: tree) } catch {
            throw .system(path: tree, operation: "remove", code: EACCES)
        }
    }
}
