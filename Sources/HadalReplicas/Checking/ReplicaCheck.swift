import Foundation
import HadalObjects
import HadalStore

/// Reads replicas again, and mends them: from the store, or from one another by way of it.
public struct ReplicaCheck: Sendable {
    public struct Finding: Sendable, Hashable {
        public let place: String
        /// With its commit; of a manifest that cannot be read its name there.
        public let model: String
        /// nil: the manifest itself.
        public let path: FilePath?
        public let problem: String
        /// Whether it is whole now.
        public var isMended = false
        /// Why it could not be mended; nil where it was, or was not to be.
        public var obstacle: String?
    }

    private let store: ModelStore
    private let replicas: [Replica]
    private let mends: Bool
    private let freeSpace: FreeSpace

    /// - Parameter mends: replaces what is damaged or missing.
    public init(store: ModelStore, replicas: [Replica], mends: Bool, freeSpace: FreeSpace = .disk) {
        (self.store, self.replicas, self.mends, self.freeSpace) = (store, replicas, mends, freeSpace)
    }

    /// - Parameters:
    ///   - only: the models that are meant; nil: all that are there.
    ///   - progress: is given a place, and bytes of what is read there.
    /// - Returns: what was found, and the places that could not be read to the end.
    public func run(
        only: Set<String>? = nil,
        progress: @escaping @Sendable (_ place: String, _ done: Int64, _ total: Int64) -> Void = { _, _, _ in }
    ) async -> (findings: [Finding], problems: [PlaceProblem]) {
        var findings: [Finding] = []
        var problems: [PlaceProblem] = []
        for replica in replicas {
            do {
                findings += try await check(replica, only) { done, total in progress(replica.place, done, total) }
            } catch { problems.append(PlaceProblem(replica.place, "\(error)")) }
        }
        return (findings, problems)
    }

    /// What is to be there.
    private struct Expected {
        let manifest: Manifest
        /// Where the manifest itself is to be written anew, its place in the findings.
        var finding: Int?
    }

    /// What came of a file.
    private struct Outcome {
        /// nil: it was whole.
        var problem: String?
        /// nil: it is whole now, or was not to be mended.
        var obstacle: String?
    }

    private func check(
        _ replica: Replica, _ only: Set<String>?, progress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        let models = try await expected(at: replica, only, &findings)
        let files = Dictionary(models.flatMap(\.manifest.files).map { ($0.digest, $0) }) { first, _ in first }
        let bytes = ByteTally(total: files.values.reduce(0) { $0 + $1.size }, progress)
        var outcomes: [BlobDigest: Outcome] = [:]
        for model in models {
            var isWhole = true
            for file in model.manifest.files {
                let outcome: Outcome
                if let known = outcomes[file.digest] {
                    outcome = known
                } else {
                    outcome = try await check(file, at: replica, bytes)
                    outcomes[file.digest] = outcome
                }
                guard let problem = outcome.problem else { continue }
                findings.append(
                    Finding(
                        place: replica.place, model: model.manifest.fullName, path: file.path, problem: problem,
                        isMended: mends && outcome.obstacle == nil, obstacle: outcome.obstacle))
                isWhole = isWhole && findings[findings.count - 1].isMended
            }
            guard mends, let index = model.finding else { continue }
            // It comes when all its files are there.
            if isWhole {
                try await replica.put(model.manifest)
                findings[index].isMended = true
            } else {
                findings[index].obstacle = "not all of its files are there"
            }
        }
        return findings
    }

    /// As the manifests say that are there; what is wrong with those is found.
    private func expected(
        at replica: Replica, _ only: Set<String>?, _ findings: inout [Finding]
    ) async throws -> [Expected] {
        var models: [Expected] = []
        let known = Dictionary(try store.readable().manifests.map { ($0.id, $0) }) { first, _ in first }
        for id in try await replica.ids().sorted() where only?.contains(id) ?? true {
            let here = known[id]
            var problem = "has other files than the model here"
            do {
                let there = try await replica.manifest(id: id)
                if here == nil || here?.files == there.files {
                    models.append(Expected(manifest: there))
                    continue
                }
            } catch let error as ReplicaError { problem = "\(error)" }
            findings.append(
                Finding(
                    place: replica.place, model: here?.fullName ?? "manifests/\(id).json", path: nil,
                    problem: problem))
            if let whole = await whole(here, id, besides: replica) {
                models.append(Expected(manifest: whole, finding: findings.count - 1))
            } else if mends {
                findings[findings.count - 1].obstacle = "neither this store nor another replica has it"
            }
        }
        return models
    }

    private func check(_ file: Manifest.File, at replica: Replica, _ bytes: ByteTally) async throws -> Outcome {
        guard let problem = try await replica.problem(with: file, progress: bytes.add) else { return Outcome() }
        guard mends else { return Outcome(problem: problem) }
        do {
            try await mend(file, at: replica)
            return Outcome(problem: problem)
        } catch { return Outcome(problem: problem, obstacle: "\(error)") }
    }

    private func whole(_ manifest: Manifest?, _ id: String, besides replica: Replica) async -> Manifest? {
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
                _ = try await onDisk { [store] in try store.verify(file) }
            }
        }
        let others = replicas.filter { $0.place != replica.place }
        let done = PartialFile.doneBytes(store.partial("\(file.digest)"), size: file.size)
        try store.prepare()
        try freeSpace.check(store.directory, for: file.size - done)
        let (partial, _) = try await BlobFetch(store: store, replicas: others).run(file) { _ in }
        try await replica.put(file.digest, from: partial.path) { _ in }
        // Where a model of this store lacks it, it is mended too.
        if try store.manifests().contains(where: { $0.files.contains { $0.digest == file.digest } }) {
            try store.mend(partial.path, as: file.digest)
        } else {
            unlink(partial.path)
        }
        partial.forgetRecord()
    }
}
