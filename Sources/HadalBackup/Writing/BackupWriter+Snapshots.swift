import Foundation

extension BackupWriter {
    /// Reads everything, beside the points that go on meanwhile. Files that have not changed are not read again, unless
    /// a part of them was lost.
    /// - Parameter goesOn: asked again and again; where it says no, it ends with `BackupError.ended`.
    public func prepare(
        while goesOn: @escaping @Sendable () -> Bool = { true }, progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws(BackupError) {
        draft = nil
        try await repository.check(owner: settings.owner)
        try await goOn()
        let there = Set(try await repository.storage.chunks().map(\.name))
        let base: Chain? = if let chain { chain } else { try await earlier() }
        let chunks = ChunkWriter(
            repository: repository, known: (base?.references ?? []).union(leftOver).intersection(there))
        do throws(BackupError) {
            draft = try await read(base, there, chunks, while: goesOn, progress)
        } catch {
            leftOver = await chunks.known
            throw error
        }
    }

    private func read(
        _ base: Chain?, _ there: Set<ChunkName>, _ chunks: ChunkWriter, while goesOn: @escaping @Sendable () -> Bool,
        _ progress: @Sendable (Progress) -> Void
    ) async throws(BackupError) -> SnapshotDraft {
        let clock = ContinuousClock.now
        var heads: [String: FileEntry] = [:]
        for head in tree().files where head.isHead {
            do throws(BackupError) { heads[head.path] = try await chunks.write(head, while: goesOn).entry } catch {
                _ = try problem(error)
            }
        }
        let tree = tree()
        var failures: [String: BackupError] = [:]
        var followers: [String: DatabaseFollower] = [:]
        for file in tree.files where file.isDatabase {
            do throws(BackupError) {
                let follower = try DatabaseFollower(file)
                try follower.hold()
                followers[file.path] = follower
            } catch { failures[file.path] = error }
        }
        // All databases are held: it is of this time.
        var draft = SnapshotDraft(time: nextTime(), problems: tree.problems, chunks: chunks)
        let total = tree.files.reduce(0) { $0 + $1.stamp.size }
        for file in tree.files {
            guard goesOn() else { throw .ended }
            let old = base?.entries[file.path]
            let isLost = old.map { entry in !entry.chunks.allSatisfy(there.contains) } ?? false
            do throws(BackupError) {
                if let error = failures[file.path] { throw error }
                if let follower = followers[file.path] {
                    draft.entries[file.path] = try await copy(file, follower, chunks, while: goesOn)
                    draft.followers[file.path] = follower
                } else if file.isHead {
                    draft.entries[file.path] = heads[file.path]
                } else if !isLost, let same = base?.unchanged(file) {
                    draft.entries[file.path] = same
                } else {
                    let (entry, isSettled) = try await chunks.write(file, while: goesOn)
                    draft.entries[file.path] = entry
                    if !isSettled { draft.unsettled.insert(file.path) }
                }
            } catch {
                followers[file.path] = nil
                guard let problem = try problem(error) else { continue }
                draft.problems.append(problem)
                if !isLost { draft.missed.append(file.path) }
            }
            draft.bytes += file.stamp.size
            progress(Progress(done: draft.bytes, total: total))
        }
        draft.seconds = (ContinuousClock.now - clock) / .seconds(1)
        return draft
    }

    /// Makes what is prepared the snapshot that points go on from.
    public func adopt() async throws(BackupError) -> Report {
        guard var draft else { throw .ended }
        self.draft = nil
        if !draft.missed.isEmpty {
            let last: Chain? = if let chain { chain } else { try await earlier() }
            if let last { draft.takeMissed(from: last) }
        }
        let name = SnapshotName(draft.time, isPartial: !draft.problems.isEmpty)
        do throws(BackupError) {
            let files = draft.entries.values.sorted { $0.path < $1.path }
            try await repository.write(
                Snapshot(roots: settings.roots, files: files, problems: draft.problems, previous: last), as: name)
        } catch {
            leftOver = await draft.chunks.known
            throw error
        }
        let chain = Chain(draft, as: name)
        self.chain = chain
        leftOver = []
        reached(name, points: 0)
        await chain.chunks.rely(on: chain.references)
        return Report(
            snapshot: name, point: nil, time: name.time, files: chain.entries.count,
            bytes: chain.entries.values.reduce(0) { $0 + $1.size }, newBytes: await chain.chunks.storedBytes,
            seconds: draft.seconds, problems: draft.problems)
    }

    /// The last snapshot that opens, where the last one does not: files that it has are not read again.
    private func earlier() async throws(BackupError) -> Chain? {
        for name in try await repository.snapshots().reversed() {
            do throws(BackupError) {
                return Chain(try await repository.plan(of: name, []), repository)
            } catch {
                if case .storage = error { throw error }
            }
        }
        return nil
    }
}
