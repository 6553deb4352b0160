import Foundation
import Logging
import Synchronization

/// What a service tells of its backups: the state to who asks, changes to the log.
final class BackupReporting: Sendable {
    private let held: Mutex<BackupState>
    private let logger: Logger

    init(place: String, logger: Logger) {
        held = Mutex(BackupState(place: place))
        var logger = logger
        logger[metadataKey: "place"] = "\(place)"
        self.logger = logger
    }

    var state: BackupState { held.withLock { $0 } }

    func change(_ body: (inout BackupState) -> Void) { held.withLock { body(&$0) } }

    /// Told in the log once, and when it is over.
    func set(problems: [String]) {
        let old = held.withLock { state in
            defer { state.problems = problems }
            return state.problems
        }
        guard old != problems else { return }
        for problem in problems where !old.contains(problem) { logger.error("the backup is not whole: \(problem)") }
        if problems.isEmpty { logger.notice("the backup is whole again") }
    }

    func wrote(_ report: BackupWriter.Report) {
        held.withLock { state in
            state.snapshot = report.snapshot
            state.points = report.point ?? 0
            state.writtenBytes += report.newBytes
        }
    }

    func cleared(_ clearing: Clearing) {
        logger.info(
            "old backups were cleared away",
            metadata: ["snapshots": "\(clearing.snapshots)", "bytes": "\(clearing.bytes)"])
    }

    func notCleared(_ problem: String) { logger.error("old backups are not cleared away: \(problem)") }
}
