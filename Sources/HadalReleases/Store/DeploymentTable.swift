import Foundation
import HadalState

enum DeploymentTable {
    static func all(_ db: any StateTransaction) throws -> [ReleaseDeployment] {
        try db.rows("SELECT * FROM deployments ORDER BY alias").map { try ReleaseDeployment($0) }
    }

    static func find(_ db: any StateTransaction, _ alias: String) throws -> ReleaseDeployment? {
        try db.row("SELECT * FROM deployments WHERE alias = ?", [alias])
            .map { try ReleaseDeployment($0) }
    }

    static func get(_ db: any StateTransaction, _ alias: String) throws -> ReleaseDeployment {
        guard let found = try find(db, alias) else { throw ReleaseError.noDeployment(alias: alias) }
        return found
    }

    static func insert(_ db: any StateTransaction, _ deployment: ReleaseDeployment) throws {
        try db.execute(
            "INSERT INTO deployments VALUES (?, ?, ?, ?, ?)",
            [
                deployment.alias, try Columns.json(deployment.settings), deployment.stable,
                try Columns.json(deployment.traffic), deployment.created.timeIntervalSince1970,
            ])
    }

    static func set(_ db: any StateTransaction, _ alias: String, settings: DeploymentSettings) throws {
        try db.execute(
            "UPDATE deployments SET settings = ? WHERE alias = ?",
            [try Columns.json(settings), alias])
    }

    static func set(_ db: any StateTransaction, _ alias: String, stable: Int?) throws {
        try db.execute("UPDATE deployments SET stable = ? WHERE alias = ?", [stable, alias])
    }

    static func set(_ db: any StateTransaction, _ alias: String, traffic: Traffic) throws {
        try db.execute(
            "UPDATE deployments SET traffic = ? WHERE alias = ?",
            [try Columns.json(traffic), alias])
    }

    /// 32 random bytes that were made with the file.
    static func secret(_ db: any StateTransaction) throws -> Data {
        guard let row = try db.row("SELECT value FROM secrets WHERE name = 'assignment'") else {
            throw StateError.damaged(path: db.path, found: "the assignment's key is missing")
        }
        return try row.blob("value")
    }
}

extension ReleaseDeployment {
    init(_ row: StateRow) throws {
        alias = try row.text("alias")
        settings = try row.json(DeploymentSettings.self, "settings")
        stable = try row.optionalInt("stable")
        traffic = try row.json(Traffic.self, "traffic")
        created = try row.time("created")
    }
}
