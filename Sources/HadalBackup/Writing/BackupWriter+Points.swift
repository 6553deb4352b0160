import Foundation

extension BackupWriter {
    /// What changed since the snapshot or the point before; where there is none, a snapshot.
    ///
    /// Databases that are not followed yet, or no longer, are copied with a point each, the smallest first: a big one
    /// keeps no other waiting.
    /// - Parameter goesOn: asked again and again while a database is copied; where it says no, what needs no copy is
    ///   written.
    public func point(
        while goesOn: @escaping @Sendable () -> Bool = { true }
    ) async throws(BackupError) -> Outcome {
        guard try await goOn() else { return .written(try await snapshot(while: goesOn)) }
        try await repository.check(owner: settings.owner)
        var attempts = Attempts()
        var written: Report?
        while true {
            let (report, problems, isDone) = try await step(&attempts, while: goesOn)
            if var report {
                report.files += written?.files ?? 0
                report.bytes += written?.bytes ?? 0
                report.newBytes += written?.newBytes ?? 0
                report.seconds += written?.seconds ?? 0
                written = report
            }
            written?.problems = problems
            if isDone || !goesOn() { return written.map { .written($0) } ?? .unchanged(problems: problems) }
        }
    }

    /// By their paths: databases that could not be read since `point` was called, with the reason, and those that were
    /// copied.
    private struct Attempts {
        var failures: [String: String] = [:]
        var copied: Set<String> = []
    }

    /// One point, with a copy of one database.
    private func step(
        _ attempts: inout Attempts, while goesOn: @escaping @Sendable () -> Bool
    ) async throws(BackupError) -> (report: Report?, problems: [String], isDone: Bool) {
        let clock = ContinuousClock.now
        guard var next = chain else { throw .noSnapshot(place: repository.place, before: nil) }
        let chunks = next.chunks
        let stored = await chunks.storedBytes
        var point = Point()
        for head in tree().files where head.isHead { try await take(head, &next, &point) }
        let tree = tree()
        point.problems += tree.problems
        // How far each database is now; then it is told which time that is.
        var (news, waiting) = try look(at: tree.files.filter(\.isDatabase), &next, &attempts)
        let held = goesOn() ? try hold(&waiting, &attempts) : nil
        let time = nextTime()

        for file in tree.files where !file.isDatabase && !file.isHead { try await take(file, &next, &point) }
        // What a problem hides is not gone.
        if tree.problems.isEmpty {
            let paths = Set(tree.files.map(\.path))
            point.removed = next.entries.keys.filter { !paths.contains($0) }.sorted()
            for path in point.removed { next.remove(path) }
        }
        if let (file, follower) = held {
            do throws(BackupError) {
                let entry = try await copy(file, follower, chunks, while: goesOn)
                point.changed.append(entry)
                next.take(entry)
                next.followers[file.path] = follower
                attempts.copied.insert(file.path)
            } catch {
                if error == .ended { waiting.append(file) } else { attempts.failures[file.path] = try problem(error) }
            }
        }
        for path in next.owed.sorted() { point.log += next.logs[path] ?? [] }
        next.owed = []
        var arrived: [(follower: DatabaseFollower, piece: DatabaseFollower.Piece?)] = []
        for (file, follower, piece) in news {
            do throws(BackupError) {
                if let pieces = try await read(file.path, follower, piece, chunks) {
                    point.log += pieces
                    next.logs[file.path, default: []] += pieces
                    arrived.append((follower, piece))
                } else {
                    next.followers[file.path] = nil
                    waiting.append(file)
                }
            } catch { attempts.failures[file.path] = try problem(error) }
        }
        point.problems += attempts.failures.sorted { $0.key < $1.key }.map(\.value)
        point.problems += waiting.map(\.path).sorted().map { "\($0) is as it was: it is to be copied yet" }

        let hasNews = !point.isEmpty || point.problems != next.problems
        if hasNews {
            try await repository.write(point, as: PointName(next.snapshot, next.points + 1, time))
            next.points += 1
            reached(next.snapshot, points: next.points)
            next.problems = point.problems
            for (follower, piece) in arrived { follower.confirm(piece) }
        }
        chain = next
        // Where that fails, the next point tells by the log what it missed.
        for follower in next.followers.values { try? follower.makeRoom() }
        let report = Report(
            snapshot: next.snapshot, point: next.points, time: time, files: point.changed.count,
            bytes: point.changed.reduce(0) { $0 + $1.size } + point.log.reduce(0) { $0 + $1.size },
            newBytes: await chunks.storedBytes - stored, seconds: (ContinuousClock.now - clock) / .seconds(1),
            problems: point.problems)
        return (hasNews ? report : nil, point.problems, waiting.allSatisfy { attempts.copied.contains($0.path) })
    }

    private func take(_ file: FoundFile, _ next: inout Chain, _ point: inout Point) async throws(BackupError) {
        guard next.unchanged(file) == nil else { return }
        do throws(BackupError) {
            let (entry, isSettled) = try await next.chunks.write(file, while: { true })
            if next.entries[file.path] != entry { point.changed.append(entry) }
            next.take(entry)
            if isSettled { next.unsettled.remove(file.path) } else { next.unsettled.insert(file.path) }
        } catch {
            if let problem = try problem(error) { point.problems.append(problem) }
        }
    }

    // MARK: - Databases

    private typealias News = (file: FoundFile, follower: DatabaseFollower, piece: DatabaseFollower.Piece?)

    /// - Returns: what is new in each, and those that are to be copied.
    private func look(
        at files: [FoundFile], _ next: inout Chain, _ attempts: inout Attempts
    ) throws(BackupError) -> (news: [News], waiting: [FoundFile]) {
        var (news, waiting): ([News], [FoundFile]) = ([], [])
        for file in files where attempts.failures[file.path] == nil {
            guard let follower = next.followers[file.path], follower.follows(file), next.entries[file.path] != nil
            else {
                waiting.append(file)
                continue
            }
            do throws(BackupError) {
                switch try follower.news() {
                case .nothing: if follower.kept != nil { news.append((file, follower, nil)) }
                case .appended(let piece): news.append((file, follower, piece))
                case .gap:
                    next.followers[file.path] = nil
                    waiting.append(file)
                }
            } catch { attempts.failures[file.path] = try problem(error) }
        }
        return (news, waiting)
    }

    /// The smallest of those that wait and can be opened, as it is now.
    private func hold(
        _ waiting: inout [FoundFile], _ attempts: inout Attempts
    ) throws(BackupError) -> (file: FoundFile, follower: DatabaseFollower)? {
        waiting.sort { $0.stamp.size < $1.stamp.size }
        while let index = waiting.firstIndex(where: { !attempts.copied.contains($0.path) }) {
            let file = waiting.remove(at: index)
            do throws(BackupError) {
                let follower = try DatabaseFollower(file)
                try follower.hold()
                return (file, follower)
            } catch { attempts.failures[file.path] = try problem(error) }
        }
        return nil
    }

    /// In parts of some chunks each, however long a transaction is.
    /// - Returns: nil where others began the log anew meanwhile, or cut it off.
    private func read(
        _ path: String, _ follower: DatabaseFollower, _ piece: DatabaseFollower.Piece?, _ chunks: ChunkWriter
    ) async throws(BackupError) -> [LogPiece]? {
        var pieces: [LogPiece] = []
        if let (piece, bytes) = follower.kept {
            pieces.append(LogPiece(path: path, piece, try await chunks.write(bytes)))
        }
        guard let piece else { return pieces }
        var names: [ChunkName] = []
        var offset: Int64 = 0
        while offset < piece.size {
            let bytes = try follower.bytes(of: piece, at: offset, 8 * BackupRepository.chunkBytes)
            guard !bytes.isEmpty else { return nil }
            names += try await chunks.write(bytes)
            offset += Int64(bytes.count)
        }
        return try follower.has(piece) ? pieces + [LogPiece(path: path, piece, names)] : nil
    }
}
