import Foundation
import HadalStore

/// Mends files of a store's models with what a replica has.
public struct Healing: Sendable {
    private let store: ModelStore
    private let replicas: [Replica]
    private let freeSpace: FreeSpace

    public init(store: ModelStore, replicas: [Replica], freeSpace: FreeSpace = .disk) {
        (self.store, self.replicas, self.freeSpace) = (store, replicas, freeSpace)
    }

    /// - Parameters:
    ///   - file: of a model of the store; damaged, or not there.
    ///   - progress: is given how many bytes more are here.
    /// - Returns: the place that it was brought from.
    /// - Throws: `ReplicaError.noWholeCopy`, `StoreError.noSpace`
    public func heal(
        _ file: Manifest.File, progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> String {
        guard !replicas.isEmpty else { throw ReplicaError.noWholeCopy(file: file.path.text, problems: []) }
        let done = PartialFile.doneBytes(store.partial("\(file.digest)"), size: file.size)
        try freeSpace.check(store.directory, for: file.size - done)
        let (partial, place) = try await BlobFetch(store: store, replicas: replicas).run(file, progress: progress)
        try store.mend(partial.path, as: file.digest)
        partial.forgetRecord()
        return place
    }
}
