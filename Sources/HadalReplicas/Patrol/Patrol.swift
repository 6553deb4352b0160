import Foundation
import HadalStore
import Logging
import ServiceLifecycle
import Synchronization

/// Verifies a store's files for as long as the server runs, slowly, and mends what is damaged from a replica.
public final class Patrol: Service {
    /// How long a round is waited for at most before the clock is looked at again, which may have been set.
    private static let wait = Duration.seconds(600)
    private static let lockWait = Duration.seconds(5)

    private let store: ModelStore
    private let places: ReplicaPlaces
    private let schedule: PatrolSchedule
    private let bytesPerSecond: Int64
    private let clock: PatrolClock
    private let logger: Logger
    private let held = Mutex(PatrolState())

    /// - Parameter bytesPerSecond: that are read.
    public init(
        store: ModelStore, places: ReplicaPlaces, schedule: PatrolSchedule, bytesPerSecond: Int64,
        clock: PatrolClock = .system, logger: Logger
    ) {
        (self.store, self.places, self.schedule) = (store, places, schedule)
        (self.bytesPerSecond, self.clock, self.logger) = (bytesPerSecond, clock, logger)
    }

    public var state: PatrolState { held.withLock { $0 } }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                try await withTaskExecutorPreference(DiskExecutor()) { try await self.follow() }
            } catch is CancellationError {} catch {
                self.logger.error("the patrol of the model store ends: \(error)")
            }
        }
    }

    /// Until it is cancelled.
    func follow() async throws {
        let lock = try await takeLock()
        defer { withExtendedLifetime(lock) {} }
        var record = PatrolRecord.read(of: store) ?? PatrolRecord()
        while true {
            try Task.checkCancellation()
            do {
                try await step(&record)
            } catch let error as StoreError {
                // A disk that is away or full may come back.
                logger.error("the patrol of the model store cannot go on: \(error)")
                try await clock.sleep(Self.wait)
            }
        }
    }

    /// Of two processes with one store one patrols.
    private func takeLock() async throws -> FileLock {
        while true {
            do throws(StoreError) {
                try store.prepare()
                if let lock = try FileLock(ifFree: store.path("patrol.lock")) { return lock }
            } catch { logger.error("the patrol of the model store cannot begin: \(error)") }
            try await clock.sleep(Self.lockWait)
        }
    }

    /// Waits a while, or does a round.
    private func step(_ record: inout PatrolRecord) async throws {
        var files = try self.files()
        record.looks = record.looks.filter { files[$0.key] != nil }
        tell(record, files)
        try countDamage()
        if !record.isRunning {
            let now = clock.now()
            let due = schedule.next(record.next, now: now)
            held.withLock { $0.nextRound = due }
            if due != record.next {
                record.next = due
                try record.write(to: store)
            }
            if due > now { return try await clock.sleep(min(.seconds(due.timeIntervalSince(now)), Self.wait)) }
            record.begin(next: schedule.following(due, now: now))
            try record.write(to: store)
        }
        held.withLock { $0.nextRound = nil }
        if try await mendManifests() { files = try self.files() }
        logger.info("the patrol verifies the model store", metadata: ["files": "\(record.rest(of: files).count)"])
        var pace = ReadPace(bytesPerSecond: bytesPerSecond)
        for file in record.rest(of: files) {
            do { try await look(at: file, &pace) } catch let error as StoreError {
                logger.error("a file of the model store could not be verified: \(error)")
                continue
            }
            record.looks[file.digest] = .init(round: record.round, time: clock.now())
            try record.write(to: store)
            tell(record, files)
        }
        record.isRunning = false
        try record.write(to: store)
        try countDamage()
        logger.info("the patrol has verified the model store", metadata: ["damaged": "\(state.damagedFiles)"])
    }

    /// Verifies it, and mends it.
    private func look(at file: Manifest.File, _ pace: inout ReadPace) async throws {
        let (store, clock, before) = (store, clock, pace)
        let (problem, after) = try await QuietThread.run { isStopped in
            var pace = before
            let problem = try store.verify(file) { bytes in
                if isStopped() { throw CancellationError() }
                clock.pause(pace.wait(after: bytes, now: clock.uptime()))
            }
            return (problem, pace)
        }
        pace = after
        // Its model may have been removed in the meantime.
        guard let problem, try files()[file.digest] != nil else { return }
        let metadata: Logger.Metadata = ["file": "\(file.path)", "blob": "\(file.digest)"]
        logger.error("a file of the model store \(problem)", metadata: metadata)
        try await mend(metadata) { try await $0.heal(file) }
    }

    /// - Returns: whether there was something to mend.
    private func mendManifests() async throws -> Bool {
        let problems = try store.readable().problems
        for (id, error) in problems {
            let metadata: Logger.Metadata = ["manifest": "\(id)"]
            logger.error("a manifest of the model store cannot be read: \(error)", metadata: metadata)
            try await mend(metadata) { try await $0.heal(manifest: id, problem: error) }
        }
        return !problems.isEmpty
    }

    /// - Parameter heal: returns the place that it was brought from.
    private func mend(_ metadata: Logger.Metadata, _ heal: (Healing) async throws -> String) async throws {
        let (replicas, away) = await places.opened(for: store)
        do {
            let place = try await heal(Healing(store: store, replicas: replicas))
            logger.notice("it was mended", metadata: metadata.merging(["replica": "\(place)"]) { $1 })
        } catch {
            try Task.checkCancellation()
            let others = away.map { "; \($0)" }.joined()
            logger.error("it could not be mended: \(error)\(others)", metadata: metadata)
        }
        try countDamage()
    }

    private func files() throws(StoreError) -> [BlobDigest: Manifest.File] {
        Dictionary(try store.readable().manifests.flatMap(\.files).map { ($0.digest, $0) }) { first, _ in first }
    }

    private func tell(_ record: PatrolRecord, _ files: [BlobDigest: Manifest.File]) {
        let times = files.keys.compactMap { record.looks[$0]?.time }
        held.withLock { $0.verifiedUntil = times.count == files.count ? times.min() : nil }
    }

    /// As the store has it now: somebody else may have mended, or damaged, it.
    private func countDamage() throws(StoreError) {
        var count = try store.readable().problems.count
        for file in try files().values where try !store.has(file.digest, size: file.size) { count += 1 }
        held.withLock { [count] in $0.damagedFiles = count }
    }
}
