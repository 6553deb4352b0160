import Foundation

/// From what a person says to a model.
extension ModelStore {
    /// - Parameter text: a tag, or `OWNER/NAME[:VARIANT][@REVISION]`.
    /// - Returns: nil where nothing has that name. Of several states of a model the one that was pulled last.
    /// - Throws: `StoreError.severalModels` where several variants have it.
    public func find(_ text: String) throws(StoreError) -> Manifest? {
        if let tag = try? ModelTag(text) { return try manifest(of: tag) }
        guard let reference = try? ModelReference(text) else { return nil }
        let (manifests, problems) = try readable()
        let found = manifests.filter { $0.matches(reference) }
        let names = Set(found.map(\.name))
        guard names.count <= 1 else { throw .severalModels(reference: text, choices: names.sorted()) }
        // One that cannot be read may be the one that is meant.
        if found.isEmpty, let problem = problems.first { throw problem.error }
        return found.first
    }

    /// As `find`, and something has to be there.
    public func require(_ text: String) throws(StoreError) -> Manifest {
        guard let manifest = try find(text) else { throw .noModel(reference: text, store: directory) }
        return manifest
    }

    /// By the tags, sorted.
    public func tags() throws(StoreError) -> [(tag: ModelTag, id: String)] {
        var all: [(tag: ModelTag, id: String)] = []
        for name in try AtomicFile.names(in: path("tags")) {
            guard let tag = try? ModelTag(name), let id = try id(of: tag) else { continue }
            all.append((tag, id))
        }
        return all
    }

    /// - Parameter moves: takes it from another model that has it.
    public func tag(_ manifest: Manifest, _ tag: ModelTag, moves: Bool) throws(StoreError) {
        try exclusively { () throws(StoreError) in
            guard try self.manifest(id: manifest.id) != nil else {
                throw .noModel(reference: manifest.fullName, store: directory)
            }
            if let other = try self.manifest(of: tag), other.id != manifest.id, !moves {
                throw .tagTaken(tag: tag.text, by: other.fullName)
            }
            try AtomicFile.write(Array((manifest.id + "\n").utf8), to: path("tags", tag.text))
        }
    }

    /// - Returns: whether it was there.
    public func untag(_ tag: ModelTag) throws(StoreError) -> Bool {
        try exclusively { () throws(StoreError) in try delete(path("tags", tag.text)) }
    }

    private func manifest(of tag: ModelTag) throws(StoreError) -> Manifest? {
        guard let id = try id(of: tag) else { return nil }
        return try manifest(id: id)
    }

    private func id(of tag: ModelTag) throws(StoreError) -> String? {
        try AtomicFile.readIfPresent(path("tags", tag.text), limit: 64).map {
            String(decoding: $0.filter { $0 > 0x20 }, as: UTF8.self)
        }
    }
}
