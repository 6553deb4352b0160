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

    /// - Parameter listed: what is there by names; nil: all bytes are read.
    func check(
        _ file: Manifest.File, at replica: Replica, _ listed: ReplicaContents?, _ bytes: ByteTally
    ) async throws -> Outcome {
        if watch.isDone(replica.place, file.digest) { return Outcome() }
        var outcome = Outcome(problem: try await problem(with: file, at: replica, listed, bytes))
        if mends, outcome.problem != nil {
            outcome.obstacle = await obstacle { try await mend(file, at: replica) }
        }
        try watch.looked(replica.place, file.digest, outcome.problem == nil || mends && outcome.obstacle == nil)
        return outcome
    }

    private func problem(
        with file: Manifest.File, at replica: Replica, _ listed: ReplicaContents?, _ bytes: ByteTally
    ) async throws(ObjectError) -> String? {
        if let listed {
            bytes.add(file.size)
            return listed.has(file) ? nil : "is not there, or not all of it"
        }
        return try await replica.problem(with: file) { [watch] count throws(ObjectError) in
            bytes.add(count)
            try await watch.took(count)
        }
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
        let contents = try await replica.contents()
        let (manifests, unreadable) = try await replica.manifests()
        // What those name is not known.
        guard unreadable.isEmpty else { return }
        let limit = now - Self.unnamedAge
        for (unit, objects) in contents.others(than: manifests.flatMap(\.files))
        where objects.allSatisfy({ $0.modified < limit }) {
            let obstacle = mends ? await self.obstacle { try await replica.delete(objects) } : nil
            let size = ByteCount.text(objects.reduce(0) { $0 + $1.size })
            findings.append(
                Finding(
                    place: replica.place, model: unit, path: nil,
                    problem: "is a file that no model there has (\(size))", isMended: mends && obstacle == nil,
                    obstacle: obstacle))
        }
    }

    func whole(_ manifest: Manifest?, _ id: String?, besides replica: Replica) async -> Manifest? {
        if let manifest { return manifest }
        guard let id else { return nil }
        for other in replicas where other.place != replica.place {
            if let manifest = try? await other.manifest(id: id) { return manifest }
        }
        return nil
    }

    /// Of the model that an object is to be, where its name or a manifest elsewhere tells it.
    func id(
        of object: Replica.ManifestObject, at replica: Replica, _ known: Set<String>
    ) async throws(ObjectError) -> String? {
        if let id = object.id { return id }
        var known = known
        for other in replicas where other.place != replica.place {
            if let manifests = try? await other.manifests().manifests { known.formUnion(manifests.map(\.id)) }
        }
        for id in known where try replica.names(ofManifest: id).contains(object.name) { return id }
        return nil
    }

    private func mend(_ file: Manifest.File, at replica: Replica) async throws {
        if try store.has(file.digest, size: file.size) {
            do {
                let blob = try store.open(file)
                return try await replica.put(file, from: blob, mending: true)
            } catch {
                switch error {
                case ObjectError.wrongBytes, StoreError.unopened: break
                default: throw error
                }
                _ = try await onDisk { [store] _ in try store.verify(file) }
            }
        }
        if try !replica.isSealed && store.isOfEncryptedModel(file.digest) { throw replica.notSealed }
        let others = replicas.filter { $0.place != replica.place }
        let done = PartialFile.doneBytes(store.partial("\(file.digest)"), size: file.size)
        try store.prepare()
        try freeSpace.check(store.directory, for: file.size - done + store.roomToEncrypt([file.size]))
        let (partial, _) = try await BlobFetch(store: store, replicas: others).run(file) { _ in }
        try await replica.put(file, from: BlobFile(plain: partial.path), mending: true)
        // Where a model of this store lacks it, it is mended too.
        try store.mend(partial.path, as: file.digest)
        partial.forgetRecord()
    }
}
