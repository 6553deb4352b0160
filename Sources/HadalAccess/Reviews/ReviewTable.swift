import Foundation
import HadalState

/// How questions stand in their database.
enum ReviewTable {
    static let migrations = [
        StateMigration(
            "reviews",
            [
                """
                CREATE TABLE reviews (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, digest BLOB NOT NULL,
                    tenant TEXT NOT NULL, user TEXT NOT NULL, user_name TEXT NOT NULL, model TEXT NOT NULL,
                    verdicts TEXT NOT NULL, time REAL NOT NULL, is_allowed INTEGER, decided_by TEXT,
                    decided_by_name TEXT, decided REAL, expires REAL
                );
                CREATE INDEX reviews_by_digest ON reviews(tenant, digest);
                CREATE INDEX reviews_by_time ON reviews(time);
                CREATE INDEX reviews_waiting ON reviews(tenant, number) WHERE is_allowed IS NULL;
                CREATE INDEX reviews_allowed ON reviews(expires) WHERE is_allowed = 1;
                """
            ])
    ]

    /// A decision that counts yet is kept with its question, however old that is.
    static func removeOld(_ db: any StateTransaction, now: Date) throws {
        let time = now.timeIntervalSince1970
        try db.execute(
            "DELETE FROM reviews WHERE time < ? AND (expires IS NULL OR expires <= ?)",
            [time - ReviewStore.keptSeconds, time])
    }

    /// The same question, where it waits or the decision on it counts yet.
    static func standing(_ db: any StateTransaction, _ question: ReviewQuestion) throws -> ReviewEntry? {
        try db.row(
            """
            SELECT * FROM reviews WHERE tenant = ? AND digest = ? AND (is_allowed IS NULL OR expires > ?)
            ORDER BY number DESC LIMIT 1
            """,
            [question.tenant, question.digest, question.time.timeIntervalSince1970]
        ).map { try ReviewEntry($0) }
    }

    /// For one more that waits.
    static func makeRoom(_ db: any StateTransaction, tenant: String, waitingMax: Int) throws {
        try db.execute(
            """
            DELETE FROM reviews WHERE tenant = ?1 AND is_allowed IS NULL AND number <= (
                SELECT number FROM reviews WHERE tenant = ?1 AND is_allowed IS NULL
                ORDER BY number DESC LIMIT 1 OFFSET ?2)
            """,
            [tenant, max(0, waitingMax - 1)])
    }

    static func insert(_ db: any StateTransaction, _ question: ReviewQuestion) throws -> ReviewEntry {
        let row = try db.row(
            """
            INSERT INTO reviews (id, digest, tenant, user, user_name, model, verdicts, time)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING *
            """,
            [
                question.id, question.digest, question.tenant, question.user, question.userName, question.model,
                question.verdicts, question.time.timeIntervalSince1970,
            ])
        guard let row else { throw StateError.failed(path: db.path, problem: "a question was not kept") }
        return try ReviewEntry(row)
    }

    static func entry(_ db: any StateTransaction, _ id: String) throws -> ReviewEntry? {
        try db.row("SELECT * FROM reviews WHERE id = ?", [id]).map { try ReviewEntry($0) }
    }
}
