import Foundation
import HadalState

enum RolloutTable {
    static func find(_ db: any StateTransaction, _ id: Int64) throws -> Rollout? {
        try db.row("SELECT * FROM rollouts WHERE id = ?", [id]).map { try Rollout($0) }
    }

    static func get(_ db: any StateTransaction, _ id: Int64) throws -> Rollout {
        guard let found = try find(db, id) else { throw ReleaseError.noRollout(id: id) }
        return found
    }

    static func underWay(_ db: any StateTransaction, _ alias: String) throws -> Rollout? {
        try db.row(
            "SELECT * FROM rollouts WHERE alias = ? AND ended IS NULL", [alias]
        ).map { try Rollout($0) }
    }

    /// Newest first.
    static func list(_ db: any StateTransaction, alias: String?, before: Int64?, limit: Int) throws -> [Rollout] {
        try db.rows(
            """
            SELECT * FROM rollouts WHERE (?1 IS NULL OR alias = ?1) AND (?2 IS NULL OR id < ?2)
            ORDER BY id DESC LIMIT ?3
            """,
            [alias, before, max(0, min(limit, ReleaseStore.pageMax))]
        ).map { try Rollout($0) }
    }

    /// - Parameter rollout: its number is not looked at.
    static func insert(_ db: any StateTransaction, _ rollout: Rollout) throws -> Rollout {
        let row = try db.row(
            """
            INSERT INTO rollouts (alias, plan, state, baseline, candidate, started, by_id, by_name, note, digest)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
            """,
            [
                rollout.alias, try Columns.json(rollout.plan), rollout.state.rawValue, rollout.baseline,
                rollout.candidate, rollout.started.timeIntervalSince1970, rollout.by.id, rollout.by.name,
                rollout.note, rollout.digest,
            ])
        guard let row else { throw StateError.failed(path: db.path, problem: "a rollout was not kept") }
        var made = rollout
        made.id = try row.integer("id")
        try update(db, made)
        return made
    }

    /// What may change of a rollout.
    static func update(_ db: any StateTransaction, _ rollout: Rollout) throws {
        try db.execute(
            """
            UPDATE rollouts SET state = ?, step = ?, step_began = ?, looks = ?, next_look = ?, outcome = ?,
            approval_until = ?, approvals = ?, ended = ?, reason = ? WHERE id = ?
            """,
            [
                rollout.state.rawValue, rollout.step, rollout.stepBegan?.timeIntervalSince1970, rollout.looks,
                rollout.nextLook, rollout.outcome?.rawValue, rollout.approvalUntil?.timeIntervalSince1970,
                try Columns.json(rollout.approvals), rollout.ended?.timeIntervalSince1970, rollout.reason, rollout.id,
            ])
    }
}

extension Rollout {
    init(_ row: StateRow) throws {
        id = try row.integer("id")
        alias = try row.text("alias")
        plan = try row.json(RolloutPlan.self, "plan")
        state = try row.name(RolloutState.self, "state")
        baseline = try row.optionalInt("baseline")
        candidate = try row.int("candidate")
        step = try row.int("step")
        stepBegan = try row.optionalTime("step_began")
        looks = try row.int("looks")
        nextLook = try row.int("next_look")
        outcome = try row.optionalText("outcome").flatMap(RolloutState.init)
        started = try row.time("started")
        by = try row.person()
        note = try row.text("note")
        digest = try row.text("digest")
        approvalUntil = try row.optionalTime("approval_until")
        approvals = try row.json([Approval].self, "approvals")
        ended = try row.optionalTime("ended")
        reason = try row.optionalText("reason")
        if case .canary(let plan) = plan, !plan.steps.indices.contains(step) {
            throw row.damaged("step", "is none of the plan")
        }
    }
}
