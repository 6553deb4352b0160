import HadalStore

extension ModelPull {
    /// What the source says of a model's files now.
    public struct Stated: Sendable {
        public let commit: String
        /// Of the files that a pull takes and of which it states the SHA-256: weights and other large ones.
        public let digests: [FilePath: BlobDigest]
    }

    /// Fetches none of them.
    /// - Throws: `PullError`.
    public func stated(_ reference: ModelReference) async throws -> Stated {
        let revision = reference.revision ?? source.defaultRevision
        let model = try await withClient { try await listing(reference.repository, revision: revision, $0) }
        let digests = try FileChoice(model, reference, include: []).files.compactMap { file in
            file.digest.map { (file.path, $0) }
        }
        return Stated(commit: model.commit, digests: Dictionary(digests) { first, _ in first })
    }
}
