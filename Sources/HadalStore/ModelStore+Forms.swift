import Crypto
import Foundation
import HadalSecrets

/// Single files: whether they lie encrypted, are to, and how they are read and made.
extension ModelStore {
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

    /// - Returns: the SHA-256 of what was read.
    func seal(
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
