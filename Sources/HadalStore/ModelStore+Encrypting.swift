import Crypto
import Foundation
import HadalSecrets

/// Files that lie encrypted. They keep their names, the SHA-256 of their plain bytes, so links and manifests are the
/// same; whoever opens one tells by its size, which is larger than the manifest's, and by how it begins.
///
/// `encrypted/ID` says that a model's files are to lie so. It is written first and removed last, so that a file which
/// comes in for a marked model, in the place of one that is damaged or gone, is encrypted whoever brings it.
extension ModelStore {
    /// What the names of files in `partial/` end with that are made of others.
    private static let (sealed, plain) = (".sealed", ".plain")

    // MARK: models

    /// Encrypts what lies in plain of a model. Whoever has it open keeps what they have.
    /// - Parameter progress: is given how many bytes more were read.
    /// - Returns: bytes of files that were encrypted.
    /// - Throws: `StoreError.damagedFile` where one is not what it should be: it stays as it is.
    public func encrypt(
        _ manifest: Manifest, freeSpace: FreeSpace = .disk, progress: (Int64) throws -> Void = { _ in }
    ) throws -> Int64 {
        try encrypt(manifest, waits: false, freeSpace, progress)
    }

    /// - Parameter waits: for other processes that are at a file; else that is an error.
    func encrypt(
        _ manifest: Manifest, waits: Bool, _ freeSpace: FreeSpace = .disk,
        _ progress: (Int64) throws -> Void = { _ in }
    ) throws -> Int64 {
        try exclusively { () throws(StoreError) in try AtomicFile.write([], to: mark(manifest.id)) }
        return try rewrite(manifest, encrypted: true, waits: waits, freeSpace, progress)
    }

    /// The other way.
    /// - Parameter besides: models that are decrypted too.
    /// - Throws: `StoreError.encryptedElsewhere` where another encrypted model has a file of it.
    public func decrypt(
        _ manifest: Manifest, besides others: [Manifest] = [], freeSpace: FreeSpace = .disk,
        progress: (Int64) throws -> Void = { _ in }
    ) throws -> Int64 {
        let (own, digests) = (Set(([manifest] + others).map(\.id)), Set(manifest.files.map(\.digest)))
        for other in try manifests() where try !own.contains(other.id) && isToBeEncrypted(other) {
            if let shared = other.files.first(where: { digests.contains($0.digest) }) {
                throw StoreError.encryptedElsewhere(file: shared.path.text, model: other.fullName)
            }
        }
        let done = try rewrite(manifest, encrypted: false, waits: false, freeSpace, progress)
        try exclusively { () throws(StoreError) in _ = try delete(mark(manifest.id)) }
        return done
    }

    /// Whether all its files lie encrypted.
    public func isEncrypted(_ manifest: Manifest) throws(StoreError) -> Bool {
        for file in manifest.files where try !isEncrypted(file) { return false }
        return true
    }

    /// Whether its files are to lie encrypted, as somebody said for it.
    public func isToBeEncrypted(_ manifest: Manifest) throws(StoreError) -> Bool {
        try AtomicFile.size(of: mark(manifest.id)) != nil
    }

    /// Whether keys are needed to read all of it.
    public func needsKeys(_ manifest: Manifest) throws(StoreError) -> Bool {
        if try isToBeEncrypted(manifest) { return true }
        for file in manifest.files where try isEncrypted(file) { return true }
        return false
    }

    /// What is needed beside the files that come: each lies there twice while it is encrypted.
    public func roomToEncrypt(_ sizes: some Sequence<Int64>) -> Int64 { encrypts ? sizes.max() ?? 0 : 0 }

    /// Whether something lies encrypted in it, or is to.
    public func needsKeys() throws(StoreError) -> Bool {
        if try !AtomicFile.names(in: path("encrypted")).isEmpty { return true }
        for manifest in try readable().manifests where try needsKeys(manifest) { return true }
        return false
    }

    // MARK: files

    /// Opens a file of a model to be read.
    /// - Throws: `StoreError.unopened` where it was changed, `StoreError.encrypted` where the keys are not there.
    public func open(_ file: Manifest.File) throws -> BlobFile {
        try BlobFile(blob(file.digest), size: file.size, context: file.digest.description, keys: keys)
    }

    /// Whether a file of that size is there, by what can be told without reading it.
    func holds(_ digest: BlobDigest, size: Int64) throws(StoreError) -> Bool {
        guard let found = try AtomicFile.size(of: blob(digest)) else { return false }
        return found == size || found > size && (try? EncryptedFile.plainSize(blob(digest))) == UInt64(size)
    }

    /// One that cannot be read counts as plain: whoever needs its bytes says what is wrong with it.
    func isEncrypted(_ file: Manifest.File) throws(StoreError) -> Bool {
        guard let found = try AtomicFile.size(of: blob(file.digest)), found > file.size else { return false }
        return (try? EncryptedFile.isEncrypted(blob(file.digest))) ?? false
    }

    /// A whole, checked, plain file in the form that its blob is to have: encrypted where all that comes in is, or a
    /// model is to be that has it.
    /// - Returns: the file itself, or one beside it.
    func formed(_ file: String, as digest: BlobDigest) throws(StoreError) -> String {
        guard try isToBeEncrypted(digest) else { return file }
        _ = try discard(besidePartial: (file as NSString).lastPathComponent, ending: Self.sealed)
        let sealed = file + Self.sealed
        do {
            guard try seal(BlobFile(plain: file), to: sealed, as: digest, { _ in }) == digest else {
                // It was whole when it was checked.
                throw StoreError.system(path: file, operation: "read", code: EIO)
            }
        } catch {
            unlink(sealed)
            throw StoreError(error, path: blob(digest))
        }
        return sealed
    }

    func isToBeEncrypted(_ digest: BlobDigest) throws(StoreError) -> Bool {
        if encrypts { return true }
        return try isOfEncryptedModel(digest)
    }

    /// Whether a model has it whose files are to lie encrypted.
    package func isOfEncryptedModel(_ digest: BlobDigest) throws(StoreError) -> Bool {
        let marked = Set(try AtomicFile.names(in: path("encrypted")))
        if marked.isEmpty { return false }
        let (manifests, problems) = try readable()
        // What those have that cannot be read is not known.
        if problems.contains(where: { marked.contains($0.id) }) { return true }
        if manifests.contains(where: { marked.contains($0.id) && $0.files.contains { $0.digest == digest } }) {
            return true
        }
        return try claims().contains { marked.contains($0.id) && $0.blobs.contains(digest) }
    }

    /// Of what an encrypted blob holds.
    /// - Throws: `StoreError.unopened` where it was changed.
    func digestOfEncrypted(_ file: Manifest.File, _ progress: (Int64) throws -> Void) throws -> BlobDigest {
        FileHash.forget(blob(file.digest))
        let content: BlobFile
        do { content = try open(file) } catch StoreError.encrypted(let path, let problem) {
            // The id of its key may be what was changed, where these keys are all there are and open other files.
            guard let keys, keys.areAll, try opensAnother(than: file) else {
                throw StoreError.encrypted(path: path, problem: problem)
            }
            throw StoreError.unopened(path: path, problem: problem)
        }
        var (hash, read) = (SHA256(), 0)
        try content.forEachPiece { bytes in
            hash.update(data: bytes)
            read += bytes.count
            // What nobody uses is not to push out of memory what somebody does.
            if read >= 64 << 20 {
                FileHash.forget(blob(file.digest))
                read = 0
            }
            try progress(Int64(bytes.count))
        }
        FileHash.forget(blob(file.digest))
        return BlobDigest(hash.finalize())
    }

    /// Whether the keys are those of this store.
    private func opensAnother(than file: Manifest.File) throws(StoreError) -> Bool {
        for other in try readable().manifests.flatMap(\.files) where other.digest != file.digest {
            if try isEncrypted(other), (try? open(other)) != nil { return true }
        }
        return false
    }

    func mark(_ id: String) -> String { path("encrypted", id) }

    // MARK: rewriting

    /// A damaged file does not keep the others from it.
    private func rewrite(
        _ manifest: Manifest, encrypted: Bool, waits: Bool, _ freeSpace: FreeSpace,
        _ progress: (Int64) throws -> Void
    ) throws -> Int64 {
        try prepare()
        var (done, seen): (Int64, Set<BlobDigest>) = (0, [])
        var damage: StoreError?
        for file in manifest.files where seen.insert(file.digest).inserted {
            guard try has(file.digest, size: file.size) else {
                damage = damage ?? .damagedFile(model: manifest.fullName, file: file.path.text)
                continue
            }
            if try isEncrypted(file) == encrypted {
                try progress(file.size)
            } else {
                do {
                    done += try rewrite(file, of: manifest, encrypted: encrypted, waits: waits, freeSpace, progress)
                } catch let error as StoreError {
                    guard case .damagedFile = error else { throw error }
                    damage = damage ?? error
                }
            }
        }
        // What lies in plain of a mending that was killed.
        _ = try? exclusively { () throws(StoreError) in try sweep() }
        if let damage { throw damage }
        return done
    }

    private func rewrite(
        _ file: Manifest.File, of manifest: Manifest, encrypted: Bool, waits: Bool, _ freeSpace: FreeSpace,
        _ progress: (Int64) throws -> Void
    ) throws -> Int64 {
        let name = file.digest.description
        guard let lock = try waits ? FileLock(partial(name)) : FileLock(ifFree: partial(name)) else {
            throw StoreError.busy(name: file.path.text)
        }
        defer {
            // Made by the lock, or what a pull of another model has of it.
            if (try? AtomicFile.size(of: partial(name))) == 0 { unlink(partial(name)) }
            withExtendedLifetime(lock) {}
        }
        // By another process, in between.
        if try isEncrypted(file) == encrypted { return 0 }
        for form in [Self.sealed, Self.plain] { _ = try discard(besidePartial: name, ending: form) }
        try freeSpace.check(directory, for: file.size)
        let copy = partial(name) + (encrypted ? Self.sealed : Self.plain)
        do {
            let digest =
                if encrypted {
                    try seal(open(file), to: copy, as: file.digest, progress)
                } else {
                    try unseal(file, to: copy, progress)
                }
            guard digest == file.digest else { throw StoreError.unopened(path: blob(file.digest), problem: "") }
            try replace(file.digest, by: copy)
        } catch {
            unlink(copy)
            let error = StoreError(error, path: blob(file.digest))
            guard case .unopened = error else { throw error }
            _ = try verify(file)
            throw StoreError.damagedFile(model: manifest.fullName, file: file.path.text)
        }
        return file.size
    }

    private func unseal(
        _ file: Manifest.File, to path: String, _ progress: (Int64) throws -> Void
    ) throws -> BlobDigest {
        guard let keys else { throw StoreError.encrypted(path: blob(file.digest), problem: StoreError.noKeys) }
        try EncryptedFile.decrypt(blob(file.digest), to: path, keys: keys, context: file.digest.description)
        return try FileHash.sha256(path) { try progress(Int64($0)) }.digest
    }

    /// - Returns: the SHA-256 of what was read.
    private func seal(
        _ file: BlobFile, to path: String, as digest: BlobDigest, _ progress: (Int64) throws -> Void
    ) throws -> BlobDigest {
        guard let keys else { throw StoreError.encrypted(path: blob(digest), problem: StoreError.noKeys) }
        let writer = try EncryptedFileWriter(path, keys: keys, purpose: .models, context: digest.description)
        var hash = SHA256()
        try file.forEachPiece { bytes in
            hash.update(data: bytes)
            try writer.write(bytes)
            try progress(Int64(bytes.count))
        }
        try writer.finish()
        return BlobDigest(hash.finalize())
    }
}
