import Foundation
import HadalStore
import Logging

/// The rounds of a patrol: one process at a time, each when it is due, and gone on with after a restart.
struct PatrolRounds: Sendable {
    /// How long a round is waited for at most before the clock is looked at again, which may have been set.
    private static let wait = Duration.seconds(600)
    private static let lockWait = Duration.seconds(5)
    /// Where a round could not come to its end.
    private static let retryWait = Duration.seconds(3600)

    let store: ModelStore
    /// Of the files `NAME.json` and `NAME.lock` in the store.
    let name: String
    /// For the log: what is verified.
    let what: String
    let schedule: PatrolSchedule
    let clock: PatrolClock
    let logger: Logger

    var record: String { store.path("\(name).json") }

    /// What a patrol does.
    protocol Walk: Sendable {
        /// Each time the clock is looked at. Forgets what is there no more, and tells how things are.
        func look(at record: inout PatrolRecord) throws(StoreError)
        /// - Parameter date: nil: one is under way.
        func tell(nextRound date: Date?)
        /// All that is not yet verified in this round.
        /// - Returns: whether it came to its end; else it is gone on with later.
        func round(_ record: inout PatrolRecord) async throws -> Bool
    }

    /// Until it is cancelled.
    func follow(_ walk: some Walk) async throws {
        let lock = try await takeLock()
        defer { withExtendedLifetime(lock) {} }
        var record = PatrolRecord.read(record) ?? PatrolRecord()
        while true {
            try Task.checkCancellation()
            do { try await step(walk, &record) } catch let error as StoreError {
                // A disk that is away or full may come back.
                logger.error("the patrol of the \(what) cannot go on: \(error)")
                try await clock.sleep(Self.wait)
            }
        }
    }

    /// Of two processes with one store one patrols.
    private func takeLock() async throws -> FileLock {
        while true {
            do throws(StoreError) {
                try store.prepare()
                if let lock = try FileLock(ifFree: store.path("\(name).lock")) { return lock }
            } catch { logger.error("the patrol of the \(what) cannot begin: \(error)") }
            try await clock.sleep(Self.lockWait)
        }
    }

    /// Waits a while, or does a round.
    private func step(_ walk: some Walk, _ record: inout PatrolRecord) async throws {
        try walk.look(at: &record)
        if !record.isRunning {
            let now = clock.now()
            let due = schedule.next(record.next, now: now)
            walk.tell(nextRound: due)
            if due != record.next {
                record.next = due
                try record.write(self.record)
            }
            if due > now { return try await clock.sleep(min(.seconds(due.timeIntervalSince(now)), Self.wait)) }
            record.begin(next: schedule.following(due, now: now))
            try record.write(self.record)
        }
        walk.tell(nextRound: nil)
        guard try await walk.round(&record) else {
            try record.write(self.record)
            return try await clock.sleep(Self.retryWait)
        }
        record.isRunning = false
        try record.write(self.record)
        try walk.look(at: &record)
    }
}
