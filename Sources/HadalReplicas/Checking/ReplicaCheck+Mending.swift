import Foundation
import HadalObjects
import HadalStore

/// What is done with each file of a replica.
extension ReplicaCheck {
    /// What a killed removal or copying leaves belongs to no model; what is younger may yet.
    private static let unnamedAge: TimeInterval = 7 * 86_400

    /// What came of a file.
    struct Outcome {
        /// nil: it was whole.
        var problem: String?
        /// nil: it is whole now, or was not to be mended.
        var obstacle: String?
    }

    func check(_ file: Manifest.File, at replica: Replica, _ bytes: ByteTally) async throws -> Outcome {
        guard let problem = try await replica.problem(with: file, progress: bytes.add) else { return Outcome() }
        if !mends { return Outcome(problem: problem) }
        return Outcome(problem: problem, obstacle: await obstacle { try await mend(file, at: replica) })
    }

    /// Why something could not be done; nil: it was.
    func obstacle(_ body: () async throws -> Void) async -> String? {
        do {
            try await body()
            return nil
        } catch { return "\(error)" }
    }

    /// Finds files that no model there has, and removes them.
    func checkUnnamed(at replica: Replica, _ now: Date, _ findings: inout [Finding]) async throws {
        // Those first, so that what a manifest names that comes now counts.
        let blobs = try await replica.blobs()
        let (manifests, unreadable) = try await replica.manifests()
        // What those name is not known.
        guard unreadable.isEmpty else { return }
        let named = Set(manifests.flatMap(\.files).map(\.digest))
        let limit = now - Self.unnamedAge
        for (digest, object) in blobs.sorted(by: { $0.value.name < $1.value.name })
        where !named.contains(digest) && object.modified < limit {
            let obstacle = mends ? await self.obstacle { try await replica.delete(digest) } : nil
            findings.append(
                Finding(
                    place: replica.place, model: object.name.text, path: nil,
                    problem: "is a file that no model there has (\(ByteCount.text(object.size)))",
                    isMended: mends && obstacle == nil, obstacle: obstacle))
        }
    }

    func whole(_ manifest: Manifest?, _ id: String, besides replica: Replica) async -> Manifest? {
        if let manifest { return manifest }
        for other in replicas where other.place != replica.place {
            if let manifest = try? await other.manifest(id: id) { return manifest }
        }
        return nil
    }

    private func mend(_ file: Manifest.File, at replica: Replica) async throws {
        if try store.has(file.digest, size: file.size) {
            do throws(ObjectError) {
                return try await replica.put(file.digest, from: store.blob(file.digest)) { _ in }
            } catch {
                guard case .wrongBytes = error else { throw error }
                _ = try await onDisk { [store] _ in try store.verify(file) }
            }
        }
        let others = replicas.filter { $0.place != replica.place }
        let done = PartialFile.doneBytes(store.partial("\(file.digest)"), size: file.size)
        try store.prepare()
        try freeSpace.check(store.directory, for: file.size - done)
        let (partial, _) = try await BlobFetch(store: store, replicas: others).run(file) { _ in }
        try await replica.put(file.digest, from: partial.path) { _ in }
        // Where a model of this store lacks it, it is mended too.
        try store.mend(partial.path, as: file.digest)
        partial.forgetRecord()
    }
}
