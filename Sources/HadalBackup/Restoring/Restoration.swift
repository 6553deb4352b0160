import Foundation
import GRDB

/// Brings back what a plan tells, into a directory of its own.
public struct Restoration: Sendable {
    public struct Report: Sendable {
        public var files: Int
        public var databases: Int
        public var bytes: Int64
        public var seconds: Double
        /// Files that are missing in it or damaged, with the reason; all others are there.
        public var problems: [String]
    }

    /// There while a restore is under way, and where files could not be brought back: a directory that has it is not
    /// whole.
    static let mark = ".restore-is-not-whole"

    /// Who has it backs up; a copy must not, unless somebody says so (`hadal backup init --recovery-key`).
    private static let key = "data/" + BackupKeyFile.name

    let repository: BackupRepository
    let plan: RestorePlan

    public init(_ plan: RestorePlan, from repository: BackupRepository) {
        (self.plan, self.repository) = (plan, repository)
    }

    /// Writes `directory/ROOT/…`, and checks each database.
    ///
    /// Files that are missing or damaged in the backup keep no other from being brought back.
    /// - Parameter directory: not there, empty, or left by a restore that was not whole.
    public func run(
        into directory: String, progress: @Sendable (BackupWriter.Progress) -> Void = { _ in }
    ) async throws(BackupError) -> Report {
        let clock = ContinuousClock.now
        try prepare(directory)
        let total = plan.bytes
        var done: Int64 = 0
        var problems: [String] = []
        let files = plan.files.filter { $0.path != Self.key }
        for file in files {
            do throws(BackupError) {
                try await bring(back: file, to: directory + "/" + file.path) { bytes in
                    done += bytes
                    progress(.init(done: done, total: total))
                }
            } catch {
                switch error {
                case .missing, .damaged, .database: problems.append("\(file.path): \(error)")
                default: throw error
                }
            }
        }
        if problems.isEmpty { unlink(directory + "/" + Self.mark) }
        return Report(
            files: files.count, databases: files.count { $0.kind == .database }, bytes: total,
            seconds: (ContinuousClock.now - clock) / .seconds(1), problems: problems)
    }

    /// - Parameter wrote: told how many bytes.
    private func bring(
        back file: FileEntry, to path: String, _ wrote: (Int64) -> Void
    ) async throws(BackupError) {
        try Self.make((path as NSString).deletingLastPathComponent)
        try await write(file.chunks, to: path, size: file.size, mode: file.mode)
        wrote(file.size)
        if file.kind == .database {
            for log in try await apply(plan.logs[file.path] ?? [], to: path) { wrote(log) }
            try Self.check(path)
        }
        Self.setTime(path, file.modified)
    }

    private func prepare(_ directory: String) throws(BackupError) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        if names.contains(Self.mark) {
            try? FileManager.default.removeItem(atPath: directory)
        } else if !names.isEmpty {
            throw .notEmpty(path: directory)
        }
        try Self.make(directory)
        try write(Data(), to: directory + "/" + Self.mark, mode: 0o600)
        var status = statvfs()
        if statvfs(directory, &status) == 0 {
            let free = Int64(status.f_bavail) * Int64(status.f_frsize)
            guard free > plan.bytes else { throw .noSpace(path: directory, needed: plan.bytes, free: free) }
        }
    }

    private static func make(_ directory: String) throws(BackupError) {
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw .system(path: directory, operation: "make", code: errno) }
    }

    // MARK: - Files

    private func write(_ bytes: Data, to path: String, mode: UInt16) throws(BackupError) {
        let file = try NewFile(path, mode: mode)
        defer { file.close() }
        try file.append(bytes)
        try file.finish()
    }

    /// Chunks come some at a time, and are written in order.
    private func write(
        _ chunks: [ChunkName], to path: String, size: Int64, mode: UInt16
    ) async throws(BackupError) {
        let file = try NewFile(path, mode: mode)
        defer { file.close() }
        var written: Int64 = 0
        for start in stride(from: 0, to: chunks.count, by: 8) {
            let batch = Array(chunks[start..<min(start + 8, chunks.count)])
            for bytes in try await InParallel.map(batch, width: 8, repository.chunk) {
                try file.append(bytes)
                written += Int64(bytes.count)
            }
        }
        guard written == size else {
            throw .damaged(
                place: plan.place, object: plan.snapshot.object,
                problem: "says that \(path) has \(size) bytes, and its chunks have \(written)")
        }
        try file.finish()
    }

    private static func setTime(_ path: String, _ nanoseconds: Int64) {
        let time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        utimensat(AT_FDCWD, path, [time, time], 0)
    }

    // MARK: - Databases

    /// Puts each log beside the database, as SQLite would find it after a crash, and has SQLite take it.
    /// - Returns: the logs' bytes.
    private func apply(_ pieces: [LogPiece], to database: String) async throws(BackupError) -> [Int64] {
        var logs: [[LogPiece]] = []
        for piece in pieces {
            if piece.offset == 0 { logs.append([]) }
            logs[logs.count - 1].append(piece)
        }
        for log in logs {
            let size = log.reduce(0) { $0 + $1.size }
            try await write(log.flatMap(\.chunks), to: database + "-wal", size: size, mode: 0o600)
            try Self.take(database, logBytes: size)
        }
        return logs.map { $0.reduce(0) { $0 + $1.size } }
    }

    private static func take(_ database: String, logBytes: Int64) throws(BackupError) {
        do {
            let queue = try DatabaseQueue(path: database)
            let row = try queue.writeWithoutTransaction { db in
                let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
                // Reads the log, so that it is known how many of its frames are good.
                let counts = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(FULL)")
                let frames: Int64? = counts?[1]
                return (size, frames ?? -1)
            }
            let expected =
                (logBytes - Int64(WriteAheadLog.headerSize)) / (Int64(WriteAheadLog.frameHeaderSize) + row.0)
            guard row.1 == expected else {
                throw BackupError.database(
                    path: database, problem: "took \(row.1) of the \(expected) pages of its log; try an earlier --at")
            }
            try queue.close()
        } catch let error as BackupError { throw error } catch {
            throw .database(path: database, problem: DatabaseFollower.text(error))
        }
        for suffix in ["-wal", "-shm"] { unlink(database + suffix) }
    }

    private static func check(_ database: String) throws(BackupError) {
        let result: String?
        do {
            let queue = try DatabaseQueue(path: database)
            result = try queue.read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") }
            try queue.close()
        } catch { throw .database(path: database, problem: DatabaseFollower.text(error)) }
        guard result == "ok" else {
            throw .database(path: database, problem: "is damaged: \(result ?? "no answer"); try an earlier --at")
        }
        for suffix in ["-wal", "-shm"] { unlink(database + suffix) }
    }
}
