import Foundation
import HadalState

/// What was done and refused, in `DATA/audit.db`. Rows are only ever added: the database itself refuses to change or
/// delete them. (Whoever can write the file can still do so with other tools.)
public final class AuditLog: AuditSink {
    /// Events of one call of `events`.
    public static let pageMax = 1000

    private let url: URL
    private let state: any StateDatabase
    private let seal: AuditSeal?

    static let migrations = [
        StateMigration(
            "audit",
            [
                """
                CREATE TABLE audit (
                    id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, actor TEXT NOT NULL,
                    actor_name TEXT NOT NULL, tenant TEXT NOT NULL, action TEXT NOT NULL, target TEXT NOT NULL,
                    outcome TEXT NOT NULL, details TEXT NOT NULL, address TEXT, request_id TEXT
                );
                CREATE INDEX audit_by_tenant ON audit(tenant, time);
                CREATE INDEX audit_by_time ON audit(time);
                CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN
                    SELECT RAISE(ABORT, 'the audit is never changed');
                END;
                -- REPLACE deletes without asking the trigger below.
                CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
                WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id) BEGIN
                    SELECT RAISE(ABORT, 'the audit is never changed');
                END;
                CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN
                    SELECT RAISE(ABORT, 'nothing is deleted from the audit');
                END;
                """
            ]),
        StateMigration(
            "sealed rows",
            [
                """
                ALTER TABLE audit ADD COLUMN sealed BLOB;
                CREATE INDEX audit_sealed ON audit(id) WHERE sealed IS NOT NULL;
                """
            ]),
    ]

    /// - Parameters:
    ///   - data: the data directory.
    ///   - seal: nil: rows are written in plain, and sealed ones cannot be read.
    public init(data: URL, seal: AuditSeal? = nil) throws(AccessStoreError) {
        self.seal = seal
        url = data.appendingPathComponent("audit.db")
        state = try AccessDatabase.open(url, AuditLog.migrations)
    }

    public func record(_ event: AuditEvent) throws {
        do {
            try state.write { db in
                // A sealed row is bound to its number, which must be known before.
                let last = try db.row("SELECT max(id) AS last FROM audit")?.optionalInteger("last") ?? 0
                try db.execute(
                    "INSERT INTO audit (\(AuditRow.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    try AuditRow(id: last + 1, event).arguments(seal))
            }
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    /// Whether keys are needed to read all of it.
    public func hasSealedRows() throws(AccessStoreError) -> Bool {
        do {
            return try state.read { db in
                try db.row("SELECT 1 FROM audit WHERE sealed IS NOT NULL LIMIT 1") != nil
            }
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    /// Newest first.
    /// - Parameters:
    ///   - tenant: nil: of all.
    ///   - before: goes on after the last event of an earlier call, by its number.
    ///   - limit: at most `pageMax`.
    public func events(
        tenant: String?, from: Date = .distantPast, to: Date = .distantFuture, before: Int64? = nil, limit: Int = 100
    ) throws(AccessStoreError) -> [RecordedEvent] {
        do {
            return try state.read { db in
                try db.rows(
                    """
                    SELECT * FROM audit WHERE (?1 IS NULL OR tenant = ?1) AND time >= ?2 AND time < ?3
                    AND (?4 IS NULL OR id < ?4) ORDER BY id DESC LIMIT ?5
                    """,
                    [
                        tenant, from.timeIntervalSince1970, to.timeIntervalSince1970, before,
                        max(0, min(limit, AuditLog.pageMax)),
                    ]
                ).map { try AuditRow.event($0, seal, path: url.path) }
            }
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    /// Oldest first, for who takes them elsewhere as they come.
    /// - Parameters:
    ///   - after: the number of the last one that is known.
    ///   - limit: at most `pageMax`.
    public func events(
        after: Int64, from: Date = .distantPast, limit: Int
    ) throws(AccessStoreError) -> [RecordedEvent] {
        do {
            return try state.read { db in
                try db.rows(
                    "SELECT * FROM audit WHERE id > ? AND time >= ? ORDER BY id LIMIT ?",
                    [after, from.timeIntervalSince1970, max(0, min(limit, AuditLog.pageMax))]
                ).map { try AuditRow.event($0, seal, path: url.path) }
            }
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }
}

/// An event with its number in the audit.
public struct RecordedEvent: Sendable, Hashable {
    public var number: Int64
    public var event: AuditEvent
}
