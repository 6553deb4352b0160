import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalReplicas
import HadalSecrets
import HadalStore
import Logging

/// The patrols of a running server: over the store that its models come from, and over its replicas.
struct ServerPatrol: StoreKeeper {
    private static let defaultTime = "02:00"

    private let patrol: Patrol
    private let replicaPatrol: ReplicaPatrol?

    /// - Returns: nil where none is configured.
    /// - Parameter keys: of the server, where it has some.
    init?(_ settings: HadalSettings, keys: DataKeys?, logger: Logger) {
        let configured = settings.store.patrol
        guard configured.at != nil || !settings.store.replicas.isEmpty else { return nil }
        let encrypts = settings.store.encryption
        let store = keys.map { ModelStore().opened(with: $0, encrypts: encrypts) } ?? ModelStore()
        let places = settings.replicaPlaces
        patrol = Patrol(
            store: store, places: places,
            schedule: Self.schedule(configured.at ?? Self.defaultTime, configured.timeZone, configured.every),
            bytesPerSecond: Int64(configured.rate), logger: logger)
        replicaPatrol =
            settings.store.replicas.isEmpty
            ? nil : ReplicaPatrol(store: store, places: places, Self.settings(settings.store), logger: logger)
    }

    private static func settings(_ store: StoreSettings) -> ReplicaPatrol.Settings {
        let configured = store.replicaPatrol
        var settings = ReplicaPatrol.Settings(
            schedule: schedule(configured.at, configured.timeZone, configured.every),
            bytesPerSecond: Int64(configured.rate), copies: store.copies)
        settings.listsBuckets = configured.buckets == .list
        return settings
    }

    private static func schedule(_ at: String, _ zone: String, _ every: Duration) -> PatrolSchedule {
        let time = DailyTime(at, zone: TimeZone(identifier: zone) ?? .gmt)!
        return PatrolSchedule(every: every) { time.next(after: $0) }
    }

    var verifiedUntil: Double? { patrol.state.verifiedUntil?.timeIntervalSince1970 }
    var damagedFiles: Int { patrol.state.damagedFiles }
    var replicas: ReplicaFigures? {
        guard let state = replicaPatrol?.state else { return nil }
        return ReplicaFigures(
            verifiedUntil: state.verifiedUntil?.timeIntervalSince1970, damagedFiles: state.damagedFiles,
            placesAway: state.placesAway, shortModels: state.shortModels)
    }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await patrol.run() }
            if let replicaPatrol { group.addTask { try await replicaPatrol.run() } }
            try await group.waitForAll()
        }
    }
}
