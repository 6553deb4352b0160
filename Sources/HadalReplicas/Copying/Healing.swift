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
        try freeSpace.check(store.directory, for: file.size - done + store.roomToEncrypt([file.size]))
        let (partial, place) = try await BlobFetch(store: store, replicas: replicas).run(file, progress: progress)
        try store.mend(partial.path, as: file.digest)
        partial.forgetRecord()
        return place
    }

    /// Mends a manifest of the store that cannot be read.
    /// - Parameter problem: why it cannot.
    /// - Returns: the place that it was brought from. That has to name the files which the model's links lead to here:
    ///   a place does not replace what is here.
    /// - Throws: `ReplicaError.noWholeCopy`, `StoreError`
    public func heal(manifest id: String, problem: StoreError) async throws -> String {
        if case .newerFormat = problem { throw problem }
        var problems: [PlaceProblem] = []
        for (index, replica) in replicas.enumerated() {
            do {
                let manifest = try await replica.manifest(id: id)
                guard store.isLinked(manifest) else {
                    problems.append(PlaceProblem(replica.place, Self.others))
                    continue
                }
                try await Retrieval(store: store, replicas: Array(replicas[index...]), freeSpace: freeSpace)
                    .run([manifest])
                return replica.place
            } catch let error as StoreError { throw error } catch {
                problems.append(PlaceProblem(replica.place, "\(error)"))
            }
        }
        throw ReplicaError.noWholeCopy(file: "manifests/\(id).json", problems: problems)
    }

    private static let others = "has other files than the model's links here lead to; hadal models fetch takes those"
}
