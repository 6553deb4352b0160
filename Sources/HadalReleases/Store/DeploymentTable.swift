import Foundation
import GRDB

enum DeploymentTable {
    static func all(_ db: Database) throws -> [ReleaseDeployment] {
        try Row.fetchAll(db, sql: "SELECT * FROM deployments ORDER BY alias").map { try ReleaseDeployment($0) }
    }

    static func find(_ db: Database, _ alias: String) throws -> ReleaseDeployment? {
        try Row.fetchOne(db, sql: "SELECT * FROM deployments WHERE alias = ?", arguments: [alias])
            .map { try ReleaseDeployment($0) }
    }

    static func get(_ db: Database, _ alias: String) throws -> ReleaseDeployment {
        guard let found = try find(db, alias) else { throw ReleaseError.noDeployment(alias: alias) }
        return found
    }

    static func insert(_ db: Database, _ deployment: ReleaseDeployment) throws {
        try db.execute(
            sql: "INSERT INTO deployments VALUES (?, ?, ?, ?, ?)",
            arguments: [
                deployment.alias, try Columns.json(deployment.settings), deployment.stable,
                try Columns.json(deployment.traffic), deployment.created.timeIntervalSince1970,
            ])
    }

    static func set(_ db: Database, _ alias: String, settings: DeploymentSettings) throws {
        try db.execute(
            sql: "UPDATE deployments SET settings = ? WHERE alias = ?",
            arguments: [try Columns.json(settings), alias])
    }

    static func set(_ db: Database, _ alias: String, stable: Int?) throws {
        try db.execute(sql: "UPDATE deployments SET stable = ? WHERE alias = ?", arguments: [stable, alias])
    }

    static func set(_ db: Database, _ alias: String, traffic: Traffic) throws {
        try db.execute(
            sql: "UPDATE deployments SET traffic = ? WHERE alias = ?",
            arguments: [try Columns.json(traffic), alias])
    }

    /// 32 random bytes that were made with the file.
    static func secret(_ db: Database) throws -> Data {
        guard let found = try Data.fetchOne(db, sql: "SELECT value FROM secrets WHERE name = 'assignment'") else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the assignment's key is missing")
        }
        return found
    }
}

extension ReleaseDeployment {
    init(_ row: Row) throws {
        alias = try row.text("alias")
        settings = try row.json(DeploymentSettings.self, "settings")
        stable = try row.optionalInt("stable")
        traffic = try row.json(Traffic.self, "traffic")
        created = try row.time("created")
    }
}
