import Foundation
import HadalObjects
import HadalStore
import Synchronization

/// Brings models of a store to its replicas: what is missing there, file by file, so that one that was cut off goes on.
public struct Replication: Sendable {
    public struct Result: Sendable {
        public let manifest: Manifest
        /// Replicas that have it now.
        public var places: [String] = []
        /// Why it is in fewer places than it should be.
        public var problems: [PlaceProblem] = []
        /// bytes of files
        public var sentBytes: Int64 = 0
        /// Whether it is in as many places as it should be, or in all that there are.
        public var isEnough = false
    }

    /// What a place has.
    private struct Contents {
        let replica: Replica
        let files: ReplicaContents
        /// What lies there in another form than the place's is written anew.
        let rewrites: Bool
        /// Of models whose manifest there is that of here.
        var ids: Set<String> = []
        /// Of models that have other files there.
        var others: Set<String> = []
        var sent: Set<BlobDigest> = []

        func lacks(_ file: Manifest.File) -> Bool {
            !sent.contains(file.digest) && !files.has(file, inFirst: rewrites)
        }
        func missingBytes(of manifest: Manifest) -> Int64 {
            Dictionary(manifest.files.map { ($0.digest, $0) }) { first, _ in first }.values
                .reduce(0) { $0 + (lacks($1) ? $1.size : 0) }
        }
        func has(_ manifest: Manifest) -> Bool {
            ids.contains(manifest.id) && !manifest.files.contains { lacks($0) || rewrites && files.isElsewhere($0) }
        }
    }

    private let store: ModelStore
    private let replicas: [Replica]
    private let away: [PlaceProblem]
    private let copies: Int
    private let rewrites: Bool

    /// - Parameters:
    ///   - away: places that cannot be opened.
    ///   - copies: places that each model is to be in, this store among them.
    ///   - rewrites: copies that lie in another form than the place's are replaced: sealed ones that were plain.
    public init(
        store: ModelStore, replicas: [Replica], away: [PlaceProblem] = [], copies: Int, rewrites: Bool = false
    ) {
        (self.store, self.replicas, self.away) = (store, replicas, away)
        (self.copies, self.rewrites) = (copies, rewrites)
    }

    /// - Parameter progress: is given bytes of files, over all places.
    /// - Returns: what came of each model. A place that fails is left for the next one.
    public func run(
        _ manifests: [Manifest], progress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void = { _, _ in }
    ) async -> [Result] {
        var contents: [Contents] = []
        var problems = away
        for replica in replicas {
            do { contents.append(try await look(at: replica, manifests)) } catch {
                problems.append(PlaceProblem(replica.place, "\(error)"))
            }
        }
        let total = manifests.reduce(0) { sum, manifest in
            candidates(for: manifest, contents).prefix(copies - 1)
                .reduce(sum) { $0 + contents[$1].missingBytes(of: manifest) }
        }
        let bytes = ByteTally(total: total, progress)
        var results: [Result] = []
        for manifest in manifests {
            var result = Result(manifest: manifest, problems: problems)
            for index in candidates(for: manifest, contents) where result.places.count < copies - 1 {
                do {
                    result.sentBytes += try await send(manifest, to: &contents[index], bytes)
                    result.places.append(contents[index].replica.place)
                } catch let error as PlaceProblem where error.place == store.directory {
                    // No other place would get it either.
                    result.problems.append(error)
                    break
                } catch { result.problems.append(PlaceProblem(contents[index].replica.place, "\(error)")) }
            }
            result.isEnough = result.places.count >= min(copies - 1, replicas.count + away.count)
            results.append(result)
        }
        return results
    }

    private func look(at replica: Replica, _ manifests: [Manifest]) async throws -> Contents {
        var contents = Contents(replica: replica, files: try await replica.contents(), rewrites: rewrites)
        let names = try await replica.manifestNames()
        for manifest in manifests {
            let own = try replica.names(ofManifest: manifest.id)
            guard own.contains(where: names.contains) else { continue }
            do {
                if try await replica.manifest(id: manifest.id).files != manifest.files {
                    contents.others.insert(manifest.id)
                } else if !rewrites || !own.dropFirst().contains(where: names.contains) {
                    contents.ids.insert(manifest.id)
                }
            } catch is ReplicaError {
                // One that cannot be read is written anew.
            }
        }
        return contents
    }

    /// Those that have it come first: nothing is to be sent there.
    private func candidates(for manifest: Manifest, _ contents: [Contents]) -> [Int] {
        contents.indices.filter { contents[$0].has(manifest) } + contents.indices.filter { !contents[$0].has(manifest) }
    }

    private func send(
        _ manifest: Manifest, to contents: inout Contents, _ bytes: ByteTally
    ) async throws -> Int64 {
        if contents.has(manifest) { return 0 }
        if contents.others.contains(manifest.id) {
            throw PlaceProblem(
                contents.replica.place,
                "\(manifest.fullName) has other files there; hadal verify --replicas --repair puts those of here there")
        }
        if try !contents.replica.isSealed && store.needsKeys(manifest) { throw contents.replica.notSealed }
        var sent: Int64 = 0
        for file in manifest.files where contents.lacks(file) {
            try await send(file, of: manifest, to: contents.replica, bytes)
            contents.sent.insert(file.digest)
            sent += file.size
        }
        try await contents.replica.put(manifest)
        if rewrites {
            for file in manifest.files { try await contents.replica.removeOtherForms(of: file) }
        }
        contents.ids.insert(manifest.id)
        return sent
    }

    private func send(
        _ file: Manifest.File, of manifest: Manifest, to replica: Replica, _ bytes: ByteTally
    ) async throws {
        let damage = PlaceProblem(
            store.directory, "\(manifest.fullName): \(file.path) is damaged here; hadal verify --repair first")
        guard try store.has(file.digest, size: file.size) else { throw damage }
        let before = Mutex<Int64>(0)
        let blob: BlobFile
        do { blob = try store.open(file) } catch StoreError.unopened {
            _ = try await onDisk { [store] _ in try store.verify(file) }
            throw damage
        } catch { throw PlaceProblem(store.directory, "\(error)") }
        do {
            try await replica.put(file, from: blob) { sum in
                let more = before.withLock { before in
                    defer { before = sum }
                    return sum - before
                }
                bytes.add(more)
            }
        } catch ObjectError.wrongBytes {
            // Marks it.
            _ = try await onDisk { [store] _ in try store.verify(file) }
            throw damage
        }
    }
}
