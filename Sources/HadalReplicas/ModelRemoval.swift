import HadalStore

/// What is to be removed from a store and from its replicas: one model, the same everywhere.
public struct ModelRemoval: Sendable {
    /// nil: it is not in the store.
    public let here: Manifest?
    /// Where it is, with what that place says of it.
    public let copies: [(replica: Replica, manifest: Manifest)]

    /// Removes nothing yet.
    /// - Returns: nil where no place has it.
    /// - Throws: `StoreError.severalModels` where several are meant, be it that each place has one of them;
    ///   `ReplicaError.unknownContents` or `StoreError` where a manifest cannot be read.
    public init?(of reference: ModelReference, _ store: ModelStore, _ replicas: [Replica]) async throws {
        // What could not be removed afterwards is told before.
        _ = try store.claims()
        let own = try store.manifests().filter { $0.matches(reference) }
        var copies: [(replica: Replica, manifest: Manifest)] = []
        for replica in replicas {
            copies += try await replica.knownManifests().filter { $0.matches(reference) }.map { (replica, $0) }
        }
        let found = own + copies.map(\.manifest)
        let ids = Dictionary(found.map { ($0.id, $0.fullName) }) { first, _ in first }
        guard ids.count <= 1 else {
            throw StoreError.severalModels(reference: "\(reference)", choices: ids.values.sorted())
        }
        if ids.isEmpty { return nil }
        (here, self.copies) = (own.first, copies)
    }
}
