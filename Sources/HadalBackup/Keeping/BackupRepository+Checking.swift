import Foundation

extension BackupRepository {
    public struct Check: Sendable {
        public var snapshots = 0
        public var points = 0
        public var chunks = 0
        /// That were read and decrypted.
        public var readChunks = 0
        /// Damaged ones that were removed, so that the next snapshot stores them anew.
        public var removedChunks = 0
        /// What is missing or damaged.
        public var problems: [String] = []
    }

    /// Looks whether all that snapshots and points refer to is there.
    /// - Parameters:
    ///   - reads: also reads, decrypts and compares each chunk.
    ///   - head: how far it was, as the machine knows that backs up; that of another data directory is passed over.
    ///   - repairs: removes those that are damaged. Only for who backs up to this place, while nothing is written.
    public func check(
        reads: Bool, head: BackupHead? = nil, repairs: Bool = false,
        progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) async throws(BackupError) -> Check {
        var check = Check()
        var wanted: Set<ChunkName> = []
        var record = ClearedRecord()
        do throws(BackupError) { record = try await cleared() } catch { try check.take(error) }
        var links = record.snapshots.values.compactMap { $0 }
        if let head, try await isOwner(head.owner) { links.append(head.link) }
        for name in try await snapshots() {
            do throws(BackupError) {
                let snapshot = try await snapshot(name)
                for file in snapshot.files { wanted.formUnion(file.chunks) }
                if let previous = snapshot.previous { links.append(previous) }
                check.snapshots += 1
                for (index, point) in try await points(of: name).enumerated() {
                    if point.number != index + 1 {
                        throw .missing(place: place, object: "\(name.points)\(index + 1)-…")
                    }
                    let content = try await self.point(point)
                    for file in content.changed { wanted.formUnion(file.chunks) }
                    for piece in content.log { wanted.formUnion(piece.chunks) }
                    check.points += 1
                }
            } catch { try check.take(error) }
        }
        for link in Set(links).sorted(by: { $0.snapshot < $1.snapshot }) {
            if let problem = try await missing(link, record) { check.problems.append(problem) }
        }
        let there = Set(try await storage.chunks().map(\.name))
        check.chunks = wanted.count
        for (index, name) in wanted.sorted(by: { $0.hex < $1.hex }).enumerated() {
            progress(index, wanted.count)
            do throws(BackupError) {
                guard there.contains(name) else { throw .missing(place: place, object: name.object) }
                guard reads else { continue }
                _ = try await chunk(name)
                check.readChunks += 1
            } catch {
                try check.take(error)
                guard repairs, case .damaged = error else { continue }
                try await storage.delete(name.object)
                check.removedChunks += 1
            }
        }
        return check
    }

    private func isOwner(_ owner: String) async throws(BackupError) -> Bool {
        do throws(BackupError) { try await check(owner: owner) } catch {
            guard case .takenOver = error else { throw error }
            return false
        }
        return true
    }

    /// - Returns: what of it was taken away.
    func missing(_ link: SnapshotLink, _ record: ClearedRecord? = nil) async throws(BackupError) -> String? {
        let known: ClearedRecord = if let record { record } else { try await cleared() }
        guard known.snapshots[link.snapshot] == nil else { return nil }
        guard try await storage.stat(link.snapshot.object) != nil else {
            return "\(BackupError.missing(place: place, object: link.snapshot.object))"
        }
        guard !known.points.contains(link.snapshot) else { return nil }
        let count = try await points(of: link.snapshot).count
        guard count < link.points else { return nil }
        return "\(place): of the \(link.points) points after \(link.snapshot) the last \(link.points - count) are gone"
    }
}

extension BackupRepository.Check {
    /// What is wrong with the backup is a finding; a place that does not answer is an error.
    fileprivate mutating func take(_ error: BackupError) throws(BackupError) {
        switch error {
        case .missing, .damaged: problems.append("\(error)")
        default: throw error
        }
    }
}
