import Foundation
import HadalState

/// Something outside the store that is to be carried out. Written before it begins, removed when it is done; carrying
/// it out twice is the same as once.
enum Effect: Sendable, Hashable, Codable {
    case prepare(Int)
    case warm(Int)
    case verify(Int)
    case route(Route)
    case drain(Int)
    case stop(Int)

    struct Route: Sendable, Hashable, Codable {
        /// Empty: nobody serves.
        var shares: [Int: TrafficShare]
        var stickiness = Stickiness.user
        var mirror: Traffic.Mirror?
    }

    static func all(to version: Int?) -> Effect {
        .route(Route(shares: version.map { [$0: .all] } ?? [:]))
    }

    /// The version whose workers it changes.
    var version: Int? {
        switch self {
        case .prepare(let version), .warm(let version), .verify(let version), .drain(let version),
            .stop(let version):
            version
        case .route: nil
        }
    }

    var name: String {
        switch self {
        case .prepare(let version): "prepare version \(version)"
        case .warm(let version): "warm version \(version)"
        case .verify(let version): "verify version \(version)"
        case .route: "set the traffic"
        case .drain(let version): "drain version \(version)"
        case .stop(let version): "stop version \(version)"
        }
    }
}

struct PendingEffect: Sendable, Hashable {
    var id: Int64
    var alias: String
    /// nil: of none, as when a version that was kept up is stopped at last.
    var rollout: Int64?
    var effect: Effect
    /// So often it failed.
    var attempts: Int

    init(_ row: StateRow) throws {
        id = try row.integer("id")
        alias = try row.text("alias")
        rollout = try row.optionalInteger("rollout")
        effect = try row.json(Effect.self, "effect")
        attempts = try row.int("attempts")
    }
}

enum EffectTable {
    /// In order.
    static func pending(_ db: any StateTransaction, _ alias: String) throws -> [PendingEffect] {
        try db.rows("SELECT * FROM effects WHERE alias = ? ORDER BY id", [alias])
            .map { try PendingEffect($0) }
    }

    static func next(_ db: any StateTransaction, _ alias: String) throws -> PendingEffect? {
        try db.row("SELECT * FROM effects WHERE alias = ? ORDER BY id LIMIT 1", [alias])
            .map { try PendingEffect($0) }
    }

    static func find(_ db: any StateTransaction, _ id: Int64) throws -> PendingEffect? {
        try db.row("SELECT * FROM effects WHERE id = ?", [id])
            .map { try PendingEffect($0) }
    }

    static func add(_ db: any StateTransaction, _ effects: [Effect], alias: String, rollout: Int64?) throws {
        for effect in effects {
            try db.execute(
                "INSERT INTO effects (alias, rollout, effect) VALUES (?, ?, ?)",
                [alias, rollout, try Columns.json(effect)])
        }
    }

    static func remove(_ db: any StateTransaction, _ id: Int64) throws {
        try db.execute("DELETE FROM effects WHERE id = ?", [id])
    }

    static func removeAll(_ db: any StateTransaction, of rollout: Int64) throws {
        try db.execute("DELETE FROM effects WHERE rollout = ?", [rollout])
    }

    /// Those that belong to no rollout.
    static func removeLoose(_ db: any StateTransaction, _ alias: String) throws {
        try db.execute("DELETE FROM effects WHERE alias = ? AND rollout IS NULL", [alias])
    }

    static func countAttempt(_ db: any StateTransaction, _ id: Int64) throws {
        try db.execute("UPDATE effects SET attempts = attempts + 1 WHERE id = ?", [id])
    }
}
