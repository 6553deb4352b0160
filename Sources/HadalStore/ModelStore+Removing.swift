import Foundation

/// How models and files go.
extension ModelStore {
    public struct Removal: Sendable, Hashable {
        public let name: String
        public let tags: [ModelTag]
        /// Bytes of files that no other model has.
        public let freed: Int64
    }

    /// Removes the one model, or else the one pull that was cut off, that is meant.
    public func remove(named reference: ModelReference) throws(StoreError) -> Removal {
        let found = try manifests().filter { $0.matches(reference) }
        if found.count > 1 { throw .severalModels(reference: "\(reference)", choices: found.map(\.fullName)) }
        if let manifest = found.first { return try remove(manifest) }
        let begun = try claims().filter { claim in
            let name = reference.repository + (reference.variant.map { ":" + $0 } ?? "")
            return claim.name == name && claim.commit.hasPrefix(reference.revision ?? "")
        }
        if begun.count > 1 { throw .severalModels(reference: "\(reference)", choices: begun.map(\.fullName)) }
        guard let claim = begun.first else { throw .noModel(reference: "\(reference)", store: directory) }
        return try remove(claim)
    }

    /// Removes a model with its tags, and the files that no other has. Whoever has it open keeps it until they close
    /// it.
    public func remove(_ manifest: Manifest) throws(StoreError) -> Removal {
        try exclusively { () throws(StoreError) in
            // What `sweep` could not do afterwards is told before.
            _ = (try manifests(), try claims())
            let tags = try tags().filter { $0.id == manifest.id }.map(\.tag)
            for tag in tags { _ = try delete(path("tags", tag.text)) }
            guard try delete(path("manifests", manifest.id + ".json")) else {
                throw .noModel(reference: manifest.fullName, store: directory)
            }
            return Removal(name: manifest.fullName, tags: tags, freed: try sweep())
        }
    }

    /// Gives up a pull that was cut off.
    public func remove(_ claim: Claim) throws(StoreError) -> Removal {
        try exclusively { () throws(StoreError) in
            guard try FileLock(ifFree: lock(of: claim)) != nil else { throw .pullRuns(name: claim.fullName) }
            _ = try delete(lock(of: claim))
            _ = try delete(path("pulls", claim.id + ".json"))
            return Removal(name: claim.fullName, tags: [], freed: try sweep())
        }
    }

    /// Removes what no manifest and no claim names. Holds the lock. A file that cannot be read ends it before anything
    /// is removed: what it names is not known.
    /// - Returns: bytes that are free now.
    func sweep() throws(StoreError) -> Int64 {
        let (manifests, claims) = (try manifests(), try claims())
        let blobs = Set(manifests.flatMap { $0.files.map(\.digest) }).union(claims.flatMap(\.blobs))
        let names = Set(blobs.map(\.description))
        let ids = Set(manifests.map(\.id))
        let partials = Set(claims.flatMap(\.partials))
        var freed: Int64 = 0
        for name in try AtomicFile.names(in: path("models")) where !ids.contains(name) {
            try remove(tree: path("models", name))
        }
        for name in try AtomicFile.names(in: path("blobs")) where !names.contains(name) {
            freed += try discard(path("blobs", name))
        }
        for name in try AtomicFile.names(in: path("encrypted"))
        where !ids.contains(name) && !claims.contains(where: { $0.id == name }) {
            _ = try delete(path("encrypted", name))
        }
        for name in try AtomicFile.names(in: path("damaged")) where !names.contains(name) {
            _ = try delete(path("damaged", name))
        }
        let unnamed = Set(try AtomicFile.names(in: path("partial")).map { String($0.prefix { $0 != "." }) })
            .subtracting(partials)
        for name in unnamed {
            // Another process may be writing it.
            guard let lock = try FileLock(ifFree: partial(name)) else { continue }
            try withExtendedLifetime(lock) { () throws(StoreError) in
                freed += try discard(partial(name)) + discard(besidePartial: name, ending: ".")
                _ = try delete(AtomicFile.aside(partial(name + ".json")))
            }
        }
        return freed
    }

    /// What else lies there of a file that is not yet whole: its record, and what a killed process wrote of it in another
    /// form.
    /// - Returns: bytes that are free now.
    func discard(besidePartial name: String, ending: String) throws(StoreError) -> Int64 {
        var freed: Int64 = 0
        for other in try AtomicFile.names(in: path("partial")) where other.hasPrefix(name + ending) {
            freed += try discard(partial(other))
        }
        return freed
    }

    private func discard(_ file: String) throws(StoreError) -> Int64 {
        var status = stat()
        let size = lstat(file, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
        return try delete(file) ? size : 0
    }
}
