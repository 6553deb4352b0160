import HadalStore

/// Whether what an index says of one thing fits what it says of another.
extension BundleIndex {
    /// The blobs are those of the models, each once.
    func checkModels(_ reader: IndexReader) throws(BundleError) {
        var sizes: [BlobDigest: Int64] = [:]
        var ids: Set<String> = []
        for (index, model) in models.enumerated() {
            guard ids.insert(model.manifest.id).inserted else {
                throw reader.failure("models[\(index)]", "\(model.manifest.fullName) is there twice")
            }
            for file in model.manifest.files {
                guard sizes.updateValue(file.size, forKey: file.digest) ?? file.size == file.size else {
                    throw reader.failure("models[\(index)].manifest", "\(file.path) has two sizes for one SHA-256")
                }
            }
        }
        for (index, blob) in blobs.enumerated() {
            guard let size = sizes.removeValue(forKey: blob.digest) else {
                throw reader.failure("blobs[\(index)].sha256", "no model has it, or it is there twice")
            }
            guard size == blob.size else {
                throw reader.failure("blobs[\(index)].size", "\(blob.size), where the manifest says \(size)")
            }
        }
        if let digest = sizes.keys.first {
            throw reader.failure("blobs", "\(digest), which a model has, is not among them")
        }
    }

    /// Extents make up their blobs and fill the parts, without a gap and without one over another.
    func checkLayout(_ reader: IndexReader) throws(BundleError) {
        var placed: [[(extent: Extent, field: String)]] = Array(repeating: [], count: parts.count)
        for (index, blob) in blobs.enumerated() {
            var rest = blob.size
            for (number, extent) in blob.extents.enumerated() {
                let field = "blobs[\(index)].extents[\(number)]"
                guard extent.part <= parts.count else {
                    throw reader.failure(field + ".part", "\(extent.part) of \(parts.count)")
                }
                if !extent.isCompressed, extent.stored != extent.size {
                    throw reader.failure(field + ".stored", "\(extent.stored) for \(extent.size) plain bytes")
                }
                guard extent.size <= rest else {
                    throw reader.failure(field + ".size", "goes beyond the blob's end by \(extent.size - rest) bytes")
                }
                rest -= extent.size
                placed[extent.part - 1].append((extent, field))
            }
            if rest != 0 { throw reader.failure("blobs[\(index)].extents", "\(rest) bytes are missing") }
        }
        for (index, part) in parts.enumerated() {
            var end = Int64(PartHeader.byteCount)
            for (extent, field) in placed[index].sorted(by: { $0.extent.offset < $1.extent.offset }) {
                guard extent.offset == end else {
                    let problem = extent.offset < end ? "lies over what comes before it" : "leaves a gap before it"
                    throw reader.failure(field + ".offset", "\(extent.offset) in part \(index + 1) \(problem)")
                }
                end += extent.stored
            }
            guard end == part.size else {
                throw reader.failure("parts[\(index)].size", "\(part.size), where its extents end at \(end)")
            }
        }
    }
}
