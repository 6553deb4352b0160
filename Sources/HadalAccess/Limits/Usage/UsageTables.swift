import HadalState

/// The tables of `usage.db`. Rows are only ever added to, in SQL: any number of processes may write at the same time.
enum UsageTables {
    static let migrations = [
        StateMigration(
            "usage",
            [
                // What reports are made of: a row for each day and combination.
                """
                CREATE TABLE usage (
                  day TEXT NOT NULL,
                  tenant TEXT NOT NULL,
                  user TEXT NOT NULL,
                  key TEXT NOT NULL,
                  model TEXT NOT NULL,
                  requests INTEGER NOT NULL,
                  promptTokens INTEGER NOT NULL,
                  cachedTokens INTEGER NOT NULL,
                  answerTokens INTEGER NOT NULL,
                  cost INTEGER NOT NULL,
                  PRIMARY KEY (day, tenant, user, key, model)
                ) WITHOUT ROWID
                """,
                // Their sums for quotas, so that a gateway that starts reads a row and not a month.
                """
                CREATE TABLE quotas (
                  period TEXT NOT NULL,
                  scope TEXT NOT NULL,
                  subject TEXT NOT NULL,
                  model TEXT NOT NULL,
                  tokens INTEGER NOT NULL,
                  cost INTEGER NOT NULL,
                  PRIMARY KEY (period, scope, subject, model)
                ) WITHOUT ROWID
                """,
            ])
    ]

    /// - Returns: all totals that it is part of, with what other processes have added.
    static func add(_ batch: UsageBatch, _ db: any StateTransaction) throws -> [QuotaKey: QuotaChange] {
        let usage = """
            INSERT INTO usage VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (day, tenant, user, key, model) DO UPDATE SET
              requests = min(usage.requests + excluded.requests, \(Int.sumMaximum)),
              promptTokens = min(usage.promptTokens + excluded.promptTokens, \(Int.sumMaximum)),
              cachedTokens = min(usage.cachedTokens + excluded.cachedTokens, \(Int.sumMaximum)),
              answerTokens = min(usage.answerTokens + excluded.answerTokens, \(Int.sumMaximum)),
              cost = min(usage.cost + excluded.cost, \(Int.sumMaximum))
            """
        for (key, counts) in batch.rows {
            try db.execute(
                usage,
                [
                    key.day.description, key.tenant, key.user, key.key, key.model, counts.requests,
                    counts.promptTokens, counts.cachedTokens, counts.answerTokens, counts.cost,
                ])
        }
        let quota = """
            INSERT INTO quotas VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (period, scope, subject, model) DO UPDATE SET
              tokens = min(quotas.tokens + excluded.tokens, \(Int.sumMaximum)),
              cost = min(quotas.cost + excluded.cost, \(Int.sumMaximum))
            RETURNING tokens, cost
            """
        var changes: [QuotaKey: QuotaChange] = [:]
        for (key, added) in batch.totals() {
            let row = try db.row(quota, columns(key) + [added.tokens, added.cost])
            changes[key] = QuotaChange(added: added, total: try row.map(total(from:)) ?? added)
        }
        return changes
    }

    static func total(_ key: QuotaKey, _ db: any StateTransaction) throws -> QuotaTotal {
        let sql =
            "SELECT tokens, cost FROM quotas WHERE period = ? AND scope = ? AND subject = ? AND model = ?"
        return try db.row(sql, columns(key)).map(total(from:)) ?? QuotaTotal()
    }

    /// Removes totals of days and months that are over.
    /// - Parameter usageBefore: the first day of which reports are kept.
    static func removeOld(today: UTCDay, usageBefore: UTCDay, _ db: any StateTransaction) throws {
        // Yesterday's stay: another process's clock may be behind. `2026-11` stands before `2026-11-01`.
        let oldest = UsagePeriod.month(of: UTCDay(number: today.number - 1)).text
        let yesterday = UTCDay(number: today.number - 1).description
        try db.execute(
            "DELETE FROM quotas WHERE period < ? OR (length(period) = 10 AND period < ?)",
            [oldest, yesterday])
        try db.execute("DELETE FROM usage WHERE day < ?", [usageBefore.description])
    }

    private static func columns(_ key: QuotaKey) -> StateArguments {
        let (subject, model) = key.scope.columns
        return [key.period.text, key.scope.kind.rawValue, subject, model]
    }

    private static func total(from row: StateRow) throws -> QuotaTotal {
        QuotaTotal(
            tokens: try row.int("tokens"), cost: try row.int("cost"))
    }
}
