import Foundation
import HadalObjects
import HadalStore

/// Brings models from replicas into a store: of a new machine, or of one that lost them.
public struct Retrieval: Sendable {
    public struct Result: Sendable {
        public let manifest: Manifest
        /// bytes; 0: it was there already.
        public let fetchedBytes: Int64
    }

    public struct Found: Sendable {
        public let place: String
        public let manifests: [Manifest]
        /// Manifests there that cannot be read.
        public let problems: [PlaceProblem]
        /// Places before it that did not answer.
        public let away: [PlaceProblem]
    }

    private let store: ModelStore
    private let replicas: [Replica]
    private let freeSpace: FreeSpace

    /// - Parameter replicas: one or more; where one has a file damaged, the next one is asked.
    public init(store: ModelStore, replicas: [Replica], freeSpace: FreeSpace = .disk) {
        (self.store, self.replicas, self.freeSpace) = (store, replicas, freeSpace)
    }

    /// In the first replica that answers and has all of them.
    /// - Parameter names: `OWNER/NAME[:VARIANT][@REVISION]`; none: all that can be read.
    /// - Throws: `ReplicaError.noModel`, `StoreError.severalModels`; `ObjectError` where no replica answers.
    public func find(_ names: [String]) async throws -> Found {
        var away: [PlaceProblem] = []
        for replica in replicas.dropLast() {
            do {
                let found = try await find(names, in: replica, away)
                if !found.manifests.isEmpty || !found.problems.isEmpty { return found }
            } catch let error as ObjectError {
                away.append(PlaceProblem(replica.place, "\(error)"))
            } catch ReplicaError.noModel {}
        }
        return try await find(names, in: replicas[replicas.count - 1], away)
    }

    private func find(_ names: [String], in replica: Replica, _ away: [PlaceProblem]) async throws -> Found {
        let (manifests, unreadable) = try await replica.manifests()
        let problems = unreadable.map { PlaceProblem(replica.place, $0.problem) }
        let found = try names.map { name in
            let reference = try ModelReference(name)
            let found = manifests.filter { $0.matches(reference) }
            let variants = Set(found.map(\.name))
            guard variants.count <= 1 else {
                throw StoreError.severalModels(reference: name, choices: variants.sorted())
            }
            // Of several states the one that was pulled last.
            guard let manifest = found.first else { throw ReplicaError.noModel(reference: name, place: replica.place) }
            return manifest
        }
        return Found(
            place: replica.place, manifests: names.isEmpty ? manifests : found, problems: problems, away: away)
    }

    /// - Throws: what `BlobFetch.run` does, `StoreError.noSpace`, `StoreError.busy`. What came stays, and is gone on
    ///   with.
    @discardableResult
    public func run(
        _ manifests: [Manifest], progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async throws -> [Result] {
        let files = Dictionary(manifests.flatMap(\.files).map { ($0.digest, $0) }) { first, _ in first }.values
        let total = files.reduce(0) { $0 + $1.size }
        var missing: Int64 = 0
        for file in files where try !store.has(file.digest, size: file.size) {
            missing += file.size - PartialFile.doneBytes(store.partial("\(file.digest)"), size: file.size)
        }
        try freeSpace.check(store.directory, for: missing + (missing > 0 ? store.roomToEncrypt(files.map(\.size)) : 0))
        let bytes = ByteTally(done: total - missing, total: total, progress)
        if missing > 0 { bytes.add(0) }
        var results: [Result] = []
        for manifest in manifests {
            results.append(Result(manifest: manifest, fetchedBytes: try await fetch(manifest, bytes)))
        }
        return results
    }

    private func fetch(_ manifest: Manifest, _ bytes: ByteTally) async throws -> Int64 {
        if try store.has(manifest) { return 0 }
        // The place is not believed where the store knows better.
        let known = try store.readable().manifests.first { $0.id == manifest.id }
        if let known, known.files != manifest.files {
            throw ReplicaError.otherFiles(model: manifest.fullName, place: replicas.first?.place ?? "")
        }
        let digests = manifest.files.map(\.digest)
        var claim = Claim(
            id: manifest.id, name: manifest.name, commit: manifest.commit, byteCount: manifest.byteCount,
            blobs: Set(digests), partials: Set(digests.map(\.description)))
        guard let lock = try store.begin(claim) else { throw StoreError.busy(name: claim.fullName) }
        defer { withExtendedLifetime(lock) {} }
        let fetch = BlobFetch(store: store, replicas: replicas)
        var fetched: Int64 = 0
        for file in manifest.files where try !store.has(file.digest, size: file.size) {
            let (partial, _) = try await fetch.run(file, progress: bytes.add)
            try store.enter(partial.path, as: file.digest, for: &claim)
            partial.forgetRecord()
            fetched += file.size
        }
        try store.enter(manifest)
        return fetched
    }
}
