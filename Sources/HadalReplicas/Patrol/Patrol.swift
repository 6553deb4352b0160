import Foundation
import HadalStore
import Logging
import ServiceLifecycle
import Synchronization

/// Verifies a store's files for as long as the server runs, slowly, and mends what is damaged from a replica.
public final class Patrol: Service {
    private let store: ModelStore
    private let places: ReplicaPlaces
    private let rounds: PatrolRounds
    private let bytesPerSecond: Int64
    private let held = Mutex(PatrolState())

    private var clock: PatrolClock { rounds.clock }
    private var logger: Logger { rounds.logger }

    /// - Parameter bytesPerSecond: that are read.
    public init(
        store: ModelStore, places: ReplicaPlaces, schedule: PatrolSchedule, bytesPerSecond: Int64,
        clock: PatrolClock = .system, logger: Logger
    ) {
        (self.store, self.places, self.bytesPerSecond) = (store, places, bytesPerSecond)
        rounds = PatrolRounds(
            store: store, name: "patrol", what: "model store", schedule: schedule, clock: clock, logger: logger)
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
    func follow() async throws { try await rounds.follow(self) }
}

extension Patrol: PatrolRounds.Walk {
    func look(at record: inout PatrolRecord) throws(StoreError) {
        let files = try files()
        let names = Set(files.keys.map(\.hex))
        record.looks = record.looks.filter { names.contains($0.key) }
        tell(record, files)
        try countDamage()
    }

    func tell(nextRound date: Date?) { held.withLock { $0.nextRound = date } }

    func round(_ record: inout PatrolRecord) async throws -> Bool {
        try await mendManifests()
        let files = try files()
        logger.info("the patrol verifies the model store", metadata: ["files": "\(record.rest(of: files).count)"])
        var pace = ReadPace(bytesPerSecond: bytesPerSecond)
        for file in record.rest(of: files) {
            do { try await look(at: file, &pace) } catch let error as StoreError {
                logger.error("a file of the model store could not be verified: \(error)")
                continue
            }
            record.looks[file.digest.hex] = .init(round: record.round, time: clock.now())
            try record.write(rounds.record)
            tell(record, files)
        }
        try countDamage()
        logger.info("the patrol has verified the model store", metadata: ["damaged": "\(state.damagedFiles)"])
        return true
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

    private func mendManifests() async throws {
        let problems = try store.readable().problems
        for (id, error) in problems {
            let metadata: Logger.Metadata = ["manifest": "\(id)"]
            logger.error("a manifest of the model store cannot be read: \(error)", metadata: metadata)
            try await mend(metadata) { try await $0.heal(manifest: id, problem: error) }
        }
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
        let times = files.keys.compactMap { record.looks[$0.hex]?.time }
        held.withLock { $0.verifiedUntil = times.count == files.count ? times.min() : nil }
    }

    /// As the store has it now: somebody else may have mended, or damaged, it.
    private func countDamage() throws(StoreError) {
        var count = try store.readable().problems.count
        for file in try files().values where try !store.has(file.digest, size: file.size) { count += 1 }
        held.withLock { [count] in $0.damagedFiles = count }
    }
}
