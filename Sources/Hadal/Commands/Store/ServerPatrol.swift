import Foundation
import HadalBackup
import HadalConfiguration
import HadalGateway
import HadalReplicas
import HadalStore
import Logging

/// The patrol of a running server, over the store that its models come from.
struct ServerPatrol: StoreKeeper {
    private static let defaultTime = "02:00"

    private let patrol: Patrol

    /// - Returns: nil where none is configured.
    init?(_ settings: StoreSettings, logger: Logger) {
        let configured = settings.patrol
        guard configured.at != nil || !settings.replicas.isEmpty else { return nil }
        let time = DailyTime(
            configured.at ?? Self.defaultTime, zone: TimeZone(identifier: configured.timeZone) ?? .gmt)!
        patrol = Patrol(
            store: ModelStore(), places: settings.places,
            schedule: PatrolSchedule(every: configured.every) { time.next(after: $0) },
            bytesPerSecond: Int64(configured.rate), logger: logger)
    }

    var verifiedUntil: Double? { patrol.state.verifiedUntil?.timeIntervalSince1970 }
    var damagedFiles: Int { patrol.state.damagedFiles }
    func run() async throws { try await patrol.run() }
}
