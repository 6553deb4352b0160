import Foundation
import HadalObjects
import HadalStore

/// Reads replicas again, and mends them: from the store, or from one another by way of it.
public struct ReplicaCheck: Sendable {
    /// What was read in a place, to its end.
    public struct Reading: Sendable, Hashable {
        public let place: String
        /// How many of them.
        public let models: Int
        /// Of their files, each once.
        public let bytes: Int64
    }

    public struct Finding: Sendable, Hashable {
        /// The store's where it is in too few places.
        public let place: String
        /// With its commit; of a manifest that cannot be read, or a file that no model has, its name there.
        public let model: String
        /// nil: the manifest itself.
        public let path: FilePath?
        public let problem: String
        /// Whether it is in order now.
        public var isMended = false
        /// Why it could not be mended; nil where it was, or was not to be.
        public var obstacle: String?
    }

    public struct Result: Sendable {
        public var readings: [Reading] = []
        public var findings: [Finding] = []
        /// Places that could not be read to the end.
        public var problems: [PlaceProblem]

        public init(problems: [PlaceProblem] = []) { self.problems = problems }
    }

    let store: ModelStore
    let replicas: [Replica]
    private let away: [PlaceProblem]
    private let copies: Int
    let mends: Bool
    let freeSpace: FreeSpace
    var watch = CheckWatch()

    /// - Parameters:
    ///   - away: places that cannot be opened.
    ///   - copies: places that each model of the store is to be in, the store among them.
    ///   - mends: replaces what is damaged or missing.
    public init(
        store: ModelStore, replicas: [Replica], away: [PlaceProblem] = [], copies: Int = 1, mends: Bool,
        freeSpace: FreeSpace = .disk
    ) {
        (self.store, self.replicas, self.away, self.copies) = (store, replicas, away, copies)
        (self.mends, self.freeSpace) = (mends, freeSpace)
    }

    /// - Parameters:
    ///   - only: the models that are meant; nil: all that are there.
    ///   - place: that is read alone, the others help to mend it; files there that no model has are left. nil: all are.
    ///   - now: files that no model has are left alone for a week.
    ///   - progress: is given a place, and bytes of what is read there.
    public func run(
        only: Set<String>? = nil, at place: String? = nil, now: Date = Date(),
        progress: @escaping @Sendable (_ place: String, _ done: Int64, _ total: Int64) -> Void = { _, _, _ in }
    ) async -> Result {
        var result = Result(problems: away)
        var places: [String: Int] = [:]
        for replica in replicas where place == nil || replica.place == place {
            do {
                let models = try await check(replica, only, &result) { progress(replica.place, $0, $1) }
                if only == nil, place == nil { try await checkUnnamed(at: replica, now, &result.findings) }
                let ids = Set(models.map(\.id))
                for id in ids { places[id, default: 0] += 1 }
                let files = Dictionary(models.flatMap(\.files).map { ($0.digest, $0.size) }) { first, _ in first }
                result.readings.append(
                    Reading(place: replica.place, models: ids.count, bytes: files.values.reduce(0, +)))
            } catch { result.problems.append(PlaceProblem(replica.place, "\(error)")) }
        }
        if place != nil { return result }
        let wanted = min(copies - 1, replicas.count + away.count)
        for manifest in (try? store.readable().manifests) ?? [] where only?.contains(manifest.id) ?? true {
            let count = places[manifest.id] ?? 0
            if count >= wanted { continue }
            result.findings.append(
                Finding(
                    place: store.directory, model: manifest.fullName, path: nil,
                    problem: "was read in \(count) of \(wanted) replicas; hadal models replicate copies it"))
        }
        return result
    }

    /// What is to be there.
    struct Expected {
        let manifest: Manifest
        /// Where the manifest itself is to be written anew, its place in the findings.
        var finding: Int?
    }

    /// - Parameter result: what is found goes there, also where the place is gone in the middle.
    /// - Returns: the models that were read.
    private func check(
        _ replica: Replica, _ only: Set<String>?, _ result: inout Result,
        progress: @escaping @Sendable (Int64, Int64) -> Void
    ) async throws -> [Manifest] {
        let models = try await expected(at: replica, only, &result.findings)
        let files = Dictionary(models.flatMap(\.manifest.files).map { ($0.digest, $0) }) { first, _ in first }
        let listed = watch.listsBuckets && replica.isBucket ? try await replica.contents() : nil
        let bytes = ByteTally(total: files.values.reduce(0) { $0 + $1.size }, progress)
        var outcomes: [BlobDigest: Outcome] = [:]
        for model in models {
            var isWhole = true
            for file in model.manifest.files {
                let outcome: Outcome
                if let known = outcomes[file.digest] {
                    outcome = known
                } else {
                    outcome = try await check(file, at: replica, listed, bytes)
                    outcomes[file.digest] = outcome
                }
                guard let problem = outcome.problem else { continue }
                let isMended = mends && outcome.obstacle == nil
                result.findings.append(
                    Finding(
                        place: replica.place, model: model.manifest.fullName, path: file.path, problem: problem,
                        isMended: isMended, obstacle: outcome.obstacle))
                isWhole = isWhole && isMended
            }
            guard mends, let index = model.finding else { continue }
            // It comes when all its files are there.
            let obstacle = isWhole ? await self.obstacle { try await replica.put(model.manifest) } : Self.incomplete
            (result.findings[index].isMended, result.findings[index].obstacle) = (obstacle == nil, obstacle)
        }
        return models.map(\.manifest)
    }

    private static let incomplete = "not all of its files are there"

    /// As the manifests say that are there; what is wrong with those is found.
    private func expected(
        at replica: Replica, _ only: Set<String>?, _ findings: inout [Finding]
    ) async throws -> [Expected] {
        var models: [Expected] = []
        let known = Dictionary(try store.readable().manifests.map { ($0.id, $0) }) { first, _ in first }
        let objects = try await replica.manifestObjects()
        var found: Set<String> = []
        for case .success(let there) in objects.map(\.content)
        where only?.contains(there.id) ?? true && found.insert(there.id).inserted {
            let here = known[there.id]
            if here == nil || here?.files == there.files {
                models.append(Expected(manifest: there))
            } else {
                findings.append(
                    Finding(
                        place: replica.place, model: here!.fullName, path: nil,
                        problem: "has other files than the model here"))
                models.append(Expected(manifest: here!, finding: findings.count - 1))
            }
        }
        for object in objects {
            guard case .failure(let problem) = object.content else { continue }
            let id = try await id(of: object, at: replica, Set(known.keys))
            if let only, !only.contains(id ?? "") { continue }
            let here = id.flatMap { known[$0] }
            findings.append(
                Finding(
                    place: replica.place, model: here?.fullName ?? object.name.text, path: nil, problem: "\(problem)"))
            if let whole = await whole(here, id, besides: replica) {
                models.append(Expected(manifest: whole, finding: findings.count - 1))
            } else if mends {
                findings[findings.count - 1].obstacle = "neither this store nor another replica has it"
            }
        }
        return models
    }
}
