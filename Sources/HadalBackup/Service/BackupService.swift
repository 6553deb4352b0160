import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Backs up a data directory for as long as the server runs: every few seconds what has changed, and a snapshot when it
/// begins and each day.
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

        public init(roots: [BackupRoot], data: String, owner: String, snapshotAt: DailyTime) {
            (self.roots, self.data, self.owner, self.snapshotAt) = (roots, data, owner, snapshotAt)
        }

        /// For a writer of its own.
        public var writer: BackupWriter.Settings {
            var writer = BackupWriter.Settings(roots: roots, scratch: data + "/.hadal-backup", owner: owner)
            writer.excluded = excluded
            writer.head = data
            return writer
        }
    }

    private let open: @Sendable () async throws(BackupError) -> BackupRepository
    private let settings: Settings
    private let reporting: BackupReporting
    private let events: AsyncStream<BackupLoop.Event>
    private let tell: AsyncStream<BackupLoop.Event>.Continuation
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
        (self.open, self.settings) = (open, settings)
        reporting = BackupReporting(place: place, logger: logger)
        (events, tell) = AsyncStream.makeStream()
    }

    public var state: BackupState { reporting.state }

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
        await work()
        lock.release()
        // Given away: there is nothing to do until the server ends.
        try? await gracefulShutdown()
    }

    private func work() async {
        let ticker = Task {
            while !Task.isCancelled {
                let isFirst = hasTick.withLock { has in
                    defer { has = true }
                    return !has
                }
                if isFirst { tell.yield(.tick) }
                try await Task.sleep(for: settings.interval)
            }
        }
        defer { ticker.cancel() }
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await follow()
            } onCancel: {
                tell.finish()
            }
        } onGracefulShutdown: {
            self.giveAway()
        }
    }

    private func follow() async {
        var loop = BackupLoop(settings, reporting, goesOn: { [self] in !isEnding.withLock { $0 } }, open: open) {
            [tell] in
            tell.yield($0)
        }
        for await event in events {
            if case .tick = event { hasTick.withLock { $0 = false } }
            await loop.handle(event)
            if case .end = event { return }
        }
        isEnding.withLock { $0 = true }
        await loop.stop()
    }

    /// Another process is to back up: writes what has changed, and lets it.
    public func giveAway() {
        // Copies that run break off, for a point takes less.
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
                reporting.change { $0.isWaiting = lock == nil }
                if let lock { return lock }
            } catch {
                reporting.set(problems: ["\(error)"])
                reporting.change { $0.failures += 1 }
            }
            do { try await Task.sleep(for: .seconds(1)) } catch { return nil }
        }
    }
}
