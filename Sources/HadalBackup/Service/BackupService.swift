import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Backs up a data directory for as long as the server runs: a snapshot when it begins and each day, and in between every few
/// seconds what has changed.
public final class BackupService: Service {
    public struct Settings: Sendable {
        public var roots: [BackupRoot]
        /// Directories that are left out, by their paths in the backup.
        public var excluded: Set<String> = []
        /// The data directory: the lock and copies of databases lie there.
        public var data: String
        /// Who backs up to the place (`BackupKeyFile.Content`).
        public var owner: String
        public var snapshotAt: DailyTime
        /// How much may be lost.
        public var interval: Duration = .seconds(15)
        public var retention = RetentionPolicy()
        public var program: String

        public init(roots: [BackupRoot], data: String, owner: String, snapshotAt: DailyTime, program: String) {
            (self.roots, self.data, self.owner) = (roots, data, owner)
            (self.snapshotAt, self.program) = (snapshotAt, program)
        }

        /// For a writer of its own.
        public var writer: BackupWriter.Settings {
            var writer = BackupWriter.Settings(
                roots: roots, scratch: data + "/.hadal-backup", owner: owner, program: program)
            writer.excluded = excluded
            return writer
        }
    }

    private typealias Asker = CheckedContinuation<BackupWriter.Report, any Error>

    private enum Event {
        case tick
        case snapshot(Asker)
        case end
    }

    private let place: String
    private let open: @Sendable () async throws(BackupError) -> BackupRepository
    private let settings: Settings
    private let logger: Logger
    private let held: Mutex<BackupState>
    private let events: AsyncStream<Event>
    private let tell: AsyncStream<Event>.Continuation
    /// Whether a tick waits to be taken: a slow place gets no queue of them.
    private let hasTick = Mutex(false)
    private let isEnding = Mutex(false)

    /// - Parameters:
    ///   - place: for people.
    ///   - open: tried again each time until it succeeds: a server starts also where the backup's place is away.
    public init(
        place: String, _ settings: Settings, logger: Logger,
        open: @escaping @Sendable () async throws(BackupError) -> BackupRepository
    ) {
        (self.place, self.open, self.settings, self.logger) = (place, open, settings, logger)
        held = Mutex(BackupState(place: place))
        (events, tell) = AsyncStream.makeStream()
    }

    public var state: BackupState { held.withLock { $0 } }

    /// A snapshot now, beside those of each day.
    public func snapshot() async throws -> BackupWriter.Report {
        try await withCheckedThrowingContinuation { asker in
            if case .terminated = tell.yield(.snapshot(asker)) {
                asker.resume(throwing: BackupError.ended)
            }
        }
    }

    public func run() async throws {
        defer { finish() }
        // Told to stop while another process has the lock: nothing was begun.
        guard let lock = await cancelWhenGracefulShutdown({ await self.takeLock() }) else { return }
        do { try await work() } catch {
            lock.release()
            throw error
        }
        lock.release()
        // Given away: there is nothing to do until the server ends.
        try? await gracefulShutdown()
    }

    private func work() async throws {
        let ticker = Task {
            while !Task.isCancelled {
                try await Task.sleep(for: settings.interval)
                let isFirst = hasTick.withLock { has in
                    defer { has = true }
                    return !has
                }
                if isFirst { tell.yield(.tick) }
            }
        }
        defer { ticker.cancel() }
        try await withGracefulShutdownHandler {
            try await withTaskCancellationHandler {
                try await follow()
            } onCancel: {
                tell.finish()
            }
        } onGracefulShutdown: {
            self.giveAway()
        }
    }

    /// Another process is to back up: writes what has changed, and lets it.
    public func giveAway() {
        // A snapshot that runs breaks off, for a point takes less.
        isEnding.withLock { $0 = true }
        tell.yield(.end)
    }

    /// Those who still wait for a snapshot.
    private func finish() {
        tell.finish()
        Task { [events] in
            for await case .snapshot(let asker) in events { asker.resume(throwing: BackupError.ended) }
        }
    }

    /// Of the data directory: two that write at once would each leave out what the other has.
    private func takeLock() async -> DirectoryLock? {
        while true {
            do throws(BackupError) {
                let lock = try DirectoryLock.backup(of: settings.data)
                held.withLock { $0.isWaiting = lock == nil }
                if let lock { return lock }
            } catch {
                set(problems: ["\(error)"])
                held.withLock { $0.failures += 1 }
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
        }
    }

    private func follow() async throws {
        var backup: Opened?
        var clearing: Task<Void, Never>?
        defer { clearing?.cancel() }
        // What is there first: points go on from it.
        _ = await write(.snapshot, &backup)
        var next = settings.snapshotAt.next(after: Date())
        held.withLock { [next] in $0.nextSnapshot = next }
        for await event in events {
            switch event {
            case .tick:
                hasTick.withLock { $0 = false }
                let isDue = Date() >= next
                if case .success = await write(isDue ? .snapshot : .point, &backup), isDue {
                    next = settings.snapshotAt.next(after: Date())
                    held.withLock { [next] in $0.nextSnapshot = next }
                    if let repository = backup?.repository {
                        clearing?.cancel()
                        clearing = Task { await clear(repository) }
                    }
                }
            case .snapshot(let asker):
                switch await write(.snapshot, &backup) {
                case .success(let report?): asker.resume(returning: report)
                case .success(nil): asker.resume(throwing: BackupError.ended)
                case .failure(let error): asker.resume(throwing: error)
                }
            case .end:
                // What was written since the last tick, by requests that have just been finished.
                _ = await write(.point, &backup)
                return
            }
        }
    }

    // MARK: - What came of it

    private enum Kind { case snapshot, point }
    private typealias Opened = (repository: BackupRepository, writer: BackupWriter)

    private func opened() async throws(BackupError) -> Opened {
        let repository = try await open()
        return (repository, try BackupWriter(repository, settings.writer))
    }

    /// - Returns: nil: there was nothing new.
    private func write(
        _ kind: Kind, _ backup: inout Opened?
    ) async -> Result<BackupWriter.Report?, BackupError> {
        let begun = Date()
        let report: BackupWriter.Report?
        do throws(BackupError) {
            let now: Opened = if let backup { backup } else { try await opened() }
            backup = now
            report =
                kind == .snapshot
                ? try await now.writer.snapshot(while: { [self] in !isEnding.withLock { $0 } })
                : try await now.writer.point()
        } catch {
            guard error != .ended else { return .failure(error) }
            set(problems: ["\(error)"])
            held.withLock { $0.failures += 1 }
            return .failure(error)
        }
        set(problems: report?.problems ?? [])
        held.withLock { state in
            // A file that could not be read is not in it.
            if report?.problems.isEmpty ?? true { state.safeUntil = begun }
            guard let report else { return }
            state.snapshot = report.snapshot
            state.points = report.point ?? 0
            state.writtenBytes += report.newBytes
        }
        return .success(report)
    }

    /// Told in the log once, and when it is over.
    private func set(problems: [String]) {
        let old = held.withLock { state in
            defer { state.problems = problems }
            return state.problems
        }
        guard old != problems else { return }
        for problem in problems where !old.contains(problem) {
            logger.error("the backup is not whole: \(problem)", metadata: ["place": "\(place)"])
        }
        if problems.isEmpty {
            logger.notice("the backup is whole again", metadata: ["place": "\(place)"])
        }
    }

    private func clear(_ repository: BackupRepository) async {
        do throws(BackupError) {
            let cleared = try await repository.clear(settings.retention)
            logger.info(
                "old backups were cleared away",
                metadata: ["snapshots": "\(cleared.snapshots)", "bytes": "\(cleared.bytes)"])
        } catch {
            logger.error("old backups are not cleared away: \(error)", metadata: ["place": "\(place)"])
        }
    }
}
