import Foundation
import HadalObjects
import HadalStore
import Logging
import ServiceLifecycle
import Synchronization

/// Verifies the replicas of a store for as long as the server runs, slowly; mends what is damaged there from the store
/// or from one another, and sends what they lack. A place that is away is tried again until it was read.
public final class ReplicaPatrol: Service {
    public struct Settings: Sendable {
        public var schedule: PatrolSchedule
        /// That are read, over all places; what mends something comes as fast as it can.
        public var bytesPerSecond: Int64
        /// In buckets only names and sizes are looked at.
        public var listsBuckets = false
        /// Places that each model is to be in, the store among them.
        public var copies: Int

        public init(schedule: PatrolSchedule, bytesPerSecond: Int64, copies: Int) {
            (self.schedule, self.bytesPerSecond, self.copies) = (schedule, bytesPerSecond, copies)
        }
    }

    let store: ModelStore
    let places: ReplicaPlaces
    let settings: Settings
    let rounds: PatrolRounds
    let held = Mutex(ReplicaPatrolState())

    public init(
        store: ModelStore, places: ReplicaPlaces, _ settings: Settings, clock: PatrolClock = .system, logger: Logger
    ) {
        (self.store, self.places, self.settings) = (store, places, settings)
        rounds = PatrolRounds(
            store: store, name: "replica-patrol", what: "replicas", schedule: settings.schedule, clock: clock,
            logger: logger)
    }

    public var state: ReplicaPatrolState { held.withLock { $0 } }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                try await withTaskExecutorPreference(DiskExecutor()) { try await self.follow() }
            } catch is CancellationError {} catch {
                self.rounds.logger.error("the patrol of the replicas ends: \(error)")
            }
        }
    }

    /// Until it is cancelled.
    func follow() async throws { try await rounds.follow(self) }
}

/// How the replicas are, as far as the patrol knows.
public struct ReplicaPatrolState: Sendable, Equatable {
    /// All that lies in the places was verified at this time or after it; nil: a place never was.
    public var verifiedUntil: Date?
    /// Files and manifests there that are damaged or missing, and could not be mended.
    public var damagedFiles = 0
    /// Places that could not be read to the end when that was last tried.
    public var placesAway = 0
    /// Models that were in fewer places than they should be when that was last looked at.
    public var shortModels = 0
    /// nil: a round is under way.
    public var nextRound: Date?
}
