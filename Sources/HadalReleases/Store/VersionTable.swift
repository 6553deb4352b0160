import Foundation
import HadalState

enum VersionTable {
    static func all(_ db: any StateTransaction, _ alias: String) throws -> [ModelVersion] {
        try db.rows("SELECT * FROM versions WHERE alias = ? ORDER BY number", [alias])
            .map { try ModelVersion($0) }
    }

    static func find(_ db: any StateTransaction, _ alias: String, _ number: Int) throws -> ModelVersion? {
        try db.row(
            "SELECT * FROM versions WHERE alias = ? AND number = ?", [alias, number]
        ).map { try ModelVersion($0) }
    }

    /// One that is kept.
    static func get(_ db: any StateTransaction, _ alias: String, _ number: Int) throws -> ModelVersion {
        let found = try find(db, alias, number)
        if let found, found.pruned == nil { return found }
        let kept = try all(db, alias).filter { $0.pruned == nil }.map(\.number)
        guard found == nil else { throw ReleaseError.pruned(alias: alias, number: number, kept: kept) }
        throw ReleaseError.noVersion(alias: alias, number: number, kept: kept)
    }

    static func insert(_ db: any StateTransaction, _ version: ModelVersion) throws {
        try db.execute(
            """
            INSERT INTO versions (alias, number, content, created, by_id, by_name, note)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                version.alias, version.number, try Columns.json(version.content),
                version.created.timeIntervalSince1970, version.by.id, version.by.name, version.note,
            ])
    }

    /// What may change of a version.
    static func update(_ db: any StateTransaction, _ version: ModelVersion) throws {
        try db.execute(
            """
            UPDATE versions SET is_up = ?, standby_until = ?, served = ?, rolled_back = ?, pruned = ?
            WHERE alias = ? AND number = ?
            """,
            [
                version.isUp, version.standbyUntil?.timeIntervalSince1970, version.served?.timeIntervalSince1970,
                version.rolledBack?.timeIntervalSince1970, version.pruned?.timeIntervalSince1970, version.alias,
                version.number,
            ])
    }
}

extension ModelVersion {
    init(_ row: StateRow) throws {
        alias = try row.text("alias")
        number = try row.int("number")
        content = try row.json(VersionContent.self, "content")
        created = try row.time("created")
        by = try row.person()
        note = try row.text("note")
        isUp = try row.bool("is_up")
        standbyUntil = try row.optionalTime("standby_until")
        served = try row.optionalTime("served")
        rolledBack = try row.optionalTime("rolled_back")
        pruned = try row.optionalTime("pruned")
    }
}
