import Foundation

/// Whether what lies on the disk is still what was pulled.
extension ModelStore {
    public struct Damage: Sendable, Hashable {
        public let path: FilePath
        public let problem: String
    }

    /// Reads all of a model's files again. A damaged blob is marked, so that the next pull fetches it; one that is
    /// whole loses its mark; links that are gone are made again.
    /// - Parameters:
    ///   - known: of what was read before in this run, so that shared files are read once.
    ///   - progress: is given how many bytes more were read.
    public func verify(
        _ manifest: Manifest, known: inout [BlobDigest: String?], progress: (Int64) throws -> Void = { _ in }
    ) throws -> [Damage] {
        var damages: [Damage] = []
        for file in manifest.files {
            let problem: String?
            if let earlier = known[file.digest] {
                problem = earlier
                try progress(file.size)
            } else {
                problem = try verify(file, progress: progress)
                known[file.digest] = .some(problem)
            }
            if let problem { damages.append(Damage(path: file.path, problem: problem)) }
        }
        if !isLinked(manifest) { try exclusively { () throws(StoreError) in try makeView(manifest) } }
        return damages
    }

    /// Reads one file again, and marks it or takes its mark away.
    /// - Returns: what is wrong with it; nil: nothing.
    public func verify(_ file: Manifest.File, progress: (Int64) throws -> Void = { _ in }) throws -> String? {
        let problem = try problem(file, progress)
        mark(file.digest, isDamaged: problem != nil)
        return problem
    }

    /// Whether a file of it was found damaged, or is not there.
    public func isDamaged(_ manifest: Manifest) throws(StoreError) -> Bool {
        for file in manifest.files where try !has(file.digest, size: file.size) { return true }
        return false
    }

    /// Whether the model is there with the same files, of which none was found damaged, and nothing is left of a pull.
    package func has(_ manifest: Manifest) throws(StoreError) -> Bool {
        guard try readable().manifests.contains(where: { $0.id == manifest.id && $0.files == manifest.files }) else {
            return false
        }
        if try claims().contains(where: { $0.id == manifest.id }) { return false }
        return try !isDamaged(manifest)
    }

    /// What a disk says that has lost bytes; other errors say nothing of the file.
    private static let damages: Set<Int32> = [EIO, EUCLEAN, EBADMSG, ENODATA]

    private func problem(_ file: Manifest.File, _ progress: (Int64) throws -> Void) throws -> String? {
        let path = blob(file.digest)
        guard let size = try AtomicFile.size(of: path) else { return "is not there" }
        let isEncrypted = try isEncrypted(file)
        guard size == file.size || isEncrypted else { return "has \(size) bytes instead of \(file.size)" }
        do {
            let digest =
                isEncrypted
                ? try digestOfEncrypted(file, progress)
                : try FileHash.sha256(path, isFromDisk: true) { try progress(Int64($0)) }.digest
            // Or somebody encrypted it while it was read.
            if digest != file.digest, !isEncrypted, try self.isEncrypted(file) { return try problem(file, progress) }
            return digest == file.digest ? nil : "has other bytes: its SHA-256 is \(digest.hex)"
        } catch StoreError.unopened(_, let problem) {
            return "does not open: \(problem)"
        } catch StoreError.system(_, let operation, let code) where Self.damages.contains(code) {
            return "the disk fails to \(operation) it: \(String(cString: strerror(code)))"
        }
    }

    /// Where nothing can be written the report alone has to do.
    private func mark(_ digest: BlobDigest, isDamaged: Bool) {
        try? exclusively { () throws(StoreError) in
            if isDamaged {
                try AtomicFile.write([], to: damageMark(digest))
            } else {
                _ = try delete(damageMark(digest))
            }
        }
    }
}
