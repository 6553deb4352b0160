import Foundation

/// Cuts bytes into chunks and stores those that are not there yet, some at a time.
actor ChunkWriter {
    /// Chunks on their way at once: a bucket is far away, and each takes its time.
    private static let width = 8
    /// Seconds: more than the steps in which file systems tell times.
    private static let settling = 0.1

    let repository: BackupRepository
    /// Chunks that are there for certain: something refers to them, or they were stored just now. No others are relied
    /// upon: what nothing refers to may just be cleared away.
    private(set) var known: Set<ChunkName>
    private(set) var storedBytes: Int64 = 0

    init(repository: BackupRepository, known: Set<ChunkName>) { (self.repository, self.known) = (repository, known) }

    func rely(on chunks: Set<ChunkName>) { known = chunks }

    /// As it is when it is opened, which may be long after it was found.
    /// - Returns: whether a later change will certainly leave another time on it.
    func write(
        _ file: FoundFile, while goesOn: @Sendable () -> Bool
    ) async throws(BackupError) -> (entry: FileEntry, isSettled: Bool) {
        for _ in 0..<3 {
            let (names, before, after) = try await write(file: file.location, while: goesOn)
            // Appended to is as good as not changed.
            guard after.modified == before.modified || after.size > before.size else { continue }
            return (
                FileEntry(file.path, .file, before, size: before.size, chunks: names),
                before.age >= Self.settling && after == before
            )
        }
        throw .system(path: file.location, operation: "read, as it is written to again and again,", code: EBUSY)
    }

    /// - Parameter goesOn: asked again and again; where it says no, it ends with `BackupError.ended`.
    /// - Returns: the chunks, and the file as it was when it was opened and when it had been read: one that grows
    ///   meanwhile is taken as long as it was.
    func write(
        file path: String, while goesOn: @Sendable () -> Bool
    ) async throws(BackupError) -> (chunks: [ChunkName], before: FileStamp, after: FileStamp) {
        let file = try OpenedFile(path)
        let before = try file.stamp()
        var offset: Int64 = 0
        let names = try await write(while: goesOn) { () throws(BackupError) in
            let count = Int(min(before.size - offset, Int64(BackupRepository.chunkBytes)))
            let chunk = try file.read(at: offset, count)
            guard chunk.count == count else {
                throw .system(path: path, operation: "read to its end, as it became shorter,", code: EIO)
            }
            offset += Int64(count)
            return chunk
        }
        return (names, before, try file.stamp())
    }

    func write(_ bytes: Data) async throws(BackupError) -> [ChunkName] {
        var rest = bytes[...]
        return try await write(while: { true }) { () throws(BackupError) in
            defer { rest = rest.dropFirst(BackupRepository.chunkBytes) }
            return Data(rest.prefix(BackupRepository.chunkBytes))
        }
    }

    /// - Parameter next: gives a chunk, at the end an empty one.
    private func write(
        while goesOn: @Sendable () -> Bool, _ next: () throws(BackupError) -> Data
    ) async throws(BackupError) -> [ChunkName] {
        var names: [ChunkName] = []
        while true {
            guard goesOn() else { throw .ended }
            var batch: [(name: ChunkName, bytes: Data)] = []
            var isEnd = false
            while batch.count < Self.width {
                let chunk = try next()
                if chunk.isEmpty {
                    isEnd = true
                    break
                }
                let name = repository.chunkKey.name(chunk)
                names.append(name)
                if known.insert(name).inserted { batch.append((name, chunk)) }
            }
            do throws(BackupError) { try await store(batch) } catch {
                for (name, _) in batch { known.remove(name) }
                throw error
            }
            if isEnd { return names }
        }
    }

    private func store(_ batch: [(name: ChunkName, bytes: Data)]) async throws(BackupError) {
        _ = try await InParallel.map(batch, width: Self.width) { [repository] item throws(BackupError) in
            try await repository.put(item.bytes, named: item.name)
        }
        storedBytes += batch.reduce(0) { $0 + Int64($1.bytes.count) }
    }
}
