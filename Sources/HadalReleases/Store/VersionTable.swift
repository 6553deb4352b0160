import Foundation
import GRDB

enum VersionTable {
    static func all(_ db: Database, _ alias: String) throws -> [ModelVersion] {
        try Row.fetchAll(db, sql: "SELECT * FROM versions WHERE alias = ? ORDER BY number", arguments: [alias])
            .map { try ModelVersion($0) }
    }

    static func find(_ db: Database, _ alias: String, _ number: Int) throws -> ModelVersion? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM versions WHERE alias = ? AND number = ?", arguments: [alias, number]
        ).map { try ModelVersion($0) }
    }

    /// One that is kept.
    static func get(_ db: Database, _ alias: String, _ number: Int) throws -> ModelVersion {
        let found = try find(db, alias, number)
        if let found, found.pruned == nil { return found }
        let kept = try all(db, alias).filter { $0.pruned == nil }.map(\.number)
        guard found == nil else { throw ReleaseError.pruned(alias: alias, number: number, kept: kept) }
        throw ReleaseError.noVersion(alias: alias, number: number, kept: kept)
    }

    static func insert(_ db: Database, _ version: ModelVersion) throws {
        try db.execute(
            sql: """
                INSERT INTO versions (alias, number, content, created, by_id, by_name, note)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                version.alias, version.number, try Columns.json(version.content),
                version.created.timeIntervalSince1970, version.by.id, version.by.name, version.note,
            ])
    }

    /// What may change of a version.
    static func update(_ db: Database, _ version: ModelVersion) throws {
        try db.execute(
            sql: """
                UPDATE versions SET is_up = ?, standby_until = ?, served = ?, rolled_back = ?, pruned = ?
                WHERE alias = ? AND number = ?
                """,
            arguments: [
                version.isUp, version.standbyUntil?.timeIntervalSince1970, version.served?.timeIntervalSince1970,
                version.rolledBack?.timeIntervalSince1970, version.pruned?.timeIntervalSince1970, version.alias,
                version.number,
            ])
    }
}

extension ModelVersion {
    init(_ row: Row) throws {
        alias = try row.text("alias")
        number = try row.int("number")
        content = try row.json(VersionContent.self, "content")
        created = try row.time("created")
        by = try row.person()
        note = try row.text("note")
        isUp = try row.decode(Bool.self, forColumn: "is_up")
        standbyUntil = try row.optionalTime("standby_until")
        served = try row.optionalTime("served")
        rolledBack = try row.optionalTime("rolled_back")
        pruned = try row.optionalTime("pruned")
    }
}
