import Foundation
import HadalState
import Logging
import Synchronization

/// When keys and sessions were last used: in memory at once, in the database once a minute each, on its own thread. Another
/// process may have written a later time meanwhile, which stays.
final class UseRecorder: Sendable {
    private struct Use {
        var seen: Date
        var written: Date
    }

    /// Seconds between two writes for the same one.
    private static let interval: Double = 60
    /// A use that is recorded so much later than now was seen before the clock was set back. Seconds.
    private static let aheadMax = 3600
    /// Beyond that many, those not seen for a day are forgotten.
    private static let countMax = 10_000

    private let database: AccessDatabase
    private let logger: Logger
    private let uses = Mutex<[String: Use]>([:])

    init(_ database: AccessDatabase, logger: Logger) {
        self.database = database
        self.logger = logger
    }

    func note(key: String, at now: Date) {
        note(
            key, now,
            """
            INSERT INTO key_uses (key_id, time) SELECT id, ? FROM keys WHERE id = ?
            ON CONFLICT (key_id) DO UPDATE SET time = excluded.time
            WHERE excluded.time NOT BETWEEN key_uses.time - \(UseRecorder.aheadMax) AND key_uses.time
            """)
    }

    func note(session: String, at now: Date) {
        note(
            session, now,
            """
            INSERT INTO session_uses (session_id, time) SELECT id, ? FROM sessions WHERE id = ?
            ON CONFLICT (session_id) DO UPDATE SET time = excluded.time
            WHERE excluded.time NOT BETWEEN session_uses.time - \(UseRecorder.aheadMax) AND session_uses.time
            """)
    }

    func lastSeen(_ id: String) -> Date? { uses.withLock { $0[id]?.seen } }

    /// Waits for what has been noted so far to be written.
    func flush() { database.state.waitForWrites() }

    private func note(_ id: String, _ now: Date, _ sql: String) {
        let isDue = uses.withLock { uses in
            guard let use = uses[id], now.timeIntervalSince(use.written) < UseRecorder.interval,
                use.seen.timeIntervalSince(now) <= Double(UseRecorder.aheadMax)
            else {
                if uses.count >= UseRecorder.countMax {
                    uses = uses.filter { now.timeIntervalSince($0.value.seen) < 86_400 }
                }
                uses[id] = Use(seen: now, written: now)
                return true
            }
            uses[id]?.seen = max(use.seen, now)
            return false
        }
        guard isDue else { return }
        database.state.writeLater {
            try $0.execute(sql, [now.timeIntervalSince1970, id])
        } failed: { [logger] problem in
            // Nobody's rights depend on it.
            logger.warning("when a key was last used is not recorded", metadata: ["error": "\(problem)"])
        }
    }
}
