import Foundation
import GRDB

/// What was observed of rollouts.
enum EvidenceTable {
    static func window(_ db: Database, _ key: ObservationBook.Key) throws -> VersionWindow? {
        try Row.fetchOne(
            db, sql: "SELECT data FROM windows WHERE rollout = ? AND step = ? AND version = ?",
            arguments: [key.rollout, key.step, key.version]
        ).map { try $0.json(VersionWindow.self, "data") }
    }

    static func put(_ db: Database, _ key: ObservationBook.Key, _ window: VersionWindow) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?)",
            arguments: [key.rollout, key.step, key.version, try Columns.json(window)])
    }

    static func shadow(_ db: Database, _ rollout: Int64) throws -> ShadowSummary? {
        try Row.fetchOne(db, sql: "SELECT data FROM shadows WHERE rollout = ?", arguments: [rollout])
            .map { try $0.json(ShadowSummary.self, "data") }
    }

    static func put(_ db: Database, _ rollout: Int64, _ summary: ShadowSummary) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO shadows VALUES (?, ?)", arguments: [rollout, try Columns.json(summary)])
    }
}
