import Foundation
import HadalState

/// What was observed of rollouts.
enum EvidenceTable {
    static func window(_ db: any StateTransaction, _ key: ObservationBook.Key) throws -> VersionWindow? {
        try db.row(
            "SELECT data FROM windows WHERE rollout = ? AND step = ? AND version = ?",
            [key.rollout, key.step, key.version]
        ).map { try $0.json(VersionWindow.self, "data") }
    }

    static func put(_ db: any StateTransaction, _ key: ObservationBook.Key, _ window: VersionWindow) throws {
        try db.execute(
            """
            INSERT INTO windows VALUES (?, ?, ?, ?)
            ON CONFLICT (rollout, step, version) DO UPDATE SET data = excluded.data
            """,
            [key.rollout, key.step, key.version, try Columns.json(window)])
    }

    static func shadow(_ db: any StateTransaction, _ rollout: Int64) throws -> ShadowSummary? {
        try db.row("SELECT data FROM shadows WHERE rollout = ?", [rollout])
            .map { try $0.json(ShadowSummary.self, "data") }
    }

    static func put(_ db: any StateTransaction, _ rollout: Int64, _ summary: ShadowSummary) throws {
        try db.execute(
            """
            INSERT INTO shadows VALUES (?, ?) ON CONFLICT (rollout) DO UPDATE SET data = excluded.data
            """, [rollout, try Columns.json(summary)])
    }
}
