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
    static let (sealed, plain) = (".sealed", ".plain")

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
}
