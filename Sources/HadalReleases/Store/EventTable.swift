import Foundation
import HadalState

enum EventTable {
    /// - Parameter event: its number is not looked at.
    static func add(_ db: any StateTransaction, _ event: ReleaseEvent) throws {
        try db.execute(
            """
            INSERT INTO events (time, alias, rollout, action, by_id, by_name, before, after, why)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                event.time.timeIntervalSince1970, event.alias, event.rollout, event.action.rawValue, event.by.id,
                event.by.name, event.before, event.after, String(event.why.prefix(4000)),
            ])
    }

    /// Newest first.
    static func list(
        _ db: any StateTransaction, alias: String?, rollout: Int64?, before: Int64?, limit: Int
    ) throws -> [ReleaseEvent] {
        try db.rows(
            """
            SELECT * FROM events WHERE (?1 IS NULL OR alias = ?1) AND (?2 IS NULL OR rollout = ?2)
            AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4
            """,
            [alias, rollout, before, max(0, min(limit, ReleaseStore.pageMax))]
        ).map { try ReleaseEvent($0) }
    }

    /// Oldest first.
    static func untold(_ db: any StateTransaction, limit: Int) throws -> [ReleaseEvent] {
        try db.rows(
            "SELECT * FROM events WHERE number > (SELECT number FROM told) ORDER BY number LIMIT ?",
            [limit]
        ).map { try ReleaseEvent($0) }
    }

    static func setTold(_ db: any StateTransaction, _ number: Int64) throws {
        try db.execute("UPDATE told SET number = max(number, ?)", [number])
    }
}

extension ReleaseEvent {
    init(_ row: StateRow) throws {
        number = try row.integer("number")
        time = try row.time("time")
        alias = try row.text("alias")
        rollout = try row.optionalInteger("rollout")
        action = try row.name(Action.self, "action")
        by = try row.person()
        before = try row.text("before")
        after = try row.text("after")
        why = try row.text("why")
    }
}
