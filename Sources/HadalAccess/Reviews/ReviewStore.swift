import Foundation
import HadalState

/// Questions that wait until a person has allowed them, in `DATA/reviews.db`, for a server and the commands beside it at the
/// same time.
public final class ReviewStore: Sendable {
    /// Entries of one call of `entries`.
    public static let pageMax = 1000
    /// So long a question that was allowed may be asked, and one that was refused does not wait again. Seconds.
    public static let decisionSeconds: TimeInterval = 24 * 3600
    /// So long entries are kept at least. Seconds.
    public static let keptSeconds: TimeInterval = 30 * 24 * 3600

    private let database: any StateDatabase
    private let waitingMax: Int

    /// - Parameters:
    ///   - data: the data directory; nil: in memory, and gone with the process.
    ///   - waitingMax: so many questions of a tenant wait at most; for a further one the oldest goes.
    public init(data: URL?, waitingMax: Int = 10_000) throws(AccessStoreError) {
        self.waitingMax = waitingMax
        if let data {
            database = try AccessDatabase.open(data.appendingPathComponent("reviews.db"), ReviewTable.migrations)
        } else {
            do { database = try SQLiteState(inMemory: ReviewTable.migrations) } catch { throw .state(error) }
        }
    }

    /// Lets a question wait. Waits for the disk.
    /// - Returns: its entry, or that of the same question which waits already or was decided on not long ago.
    @discardableResult
    public func add(_ question: ReviewQuestion) throws(AccessStoreError) -> ReviewEntry {
        try write { db in
            try ReviewTable.removeOld(db, now: question.time)
            if let entry = try ReviewTable.standing(db, question) { return entry }
            try ReviewTable.makeRoom(db, tenant: question.tenant, waitingMax: waitingMax)
            return try ReviewTable.insert(db, question)
        }
    }

    /// Whether any question may be asked that had to wait: where none may, no digest needs to be computed.
    public func hasAllowed(now: Date = Date()) throws(AccessStoreError) -> Bool {
        try read { db in
            try db.row(
                "SELECT 1 FROM reviews WHERE is_allowed = 1 AND expires > ? LIMIT 1", [now.timeIntervalSince1970])
                != nil
        }
    }

    public func isAllowed(_ digest: Data, tenant: String, now: Date = Date()) throws(AccessStoreError) -> Bool {
        try read { db in
            try db.row(
                "SELECT 1 FROM reviews WHERE tenant = ? AND digest = ? AND is_allowed = 1 AND expires > ? LIMIT 1",
                [tenant, digest, now.timeIntervalSince1970]) != nil
        }
    }

    public func entry(_ id: String) throws(AccessStoreError) -> ReviewEntry? {
        try read { try ReviewTable.entry($0, id) }
    }

    /// Newest first.
    /// - Parameters:
    ///   - tenant: nil: of all.
    ///   - before: goes on after the last entry of an earlier call, by its number.
    ///   - limit: at most `pageMax`.
    public func entries(
        tenant: String? = nil, waitingOnly: Bool = false, before: Int64? = nil, limit: Int = 100
    ) throws(AccessStoreError) -> [ReviewEntry] {
        try read { db in
            try db.rows(
                """
                SELECT * FROM reviews WHERE (?1 IS NULL OR tenant = ?1) AND (?2 IS NULL OR number < ?2)
                AND (NOT ?3 OR is_allowed IS NULL) ORDER BY number DESC LIMIT ?4
                """,
                [tenant, before, waitingOnly, max(0, min(limit, ReviewStore.pageMax))]
            ).map { try ReviewEntry($0) }
        }
    }

    /// Also of what was decided already: the later decision counts.
    /// - Returns: nil where there is no such entry.
    public func decide(
        _ id: String, isAllowed: Bool, by principal: Principal, now: Date = Date()
    ) throws(AccessStoreError) -> ReviewEntry? {
        try write { db in
            let time = now.timeIntervalSince1970
            try db.execute(
                """
                UPDATE reviews SET is_allowed = ?, decided_by = ?, decided_by_name = ?, decided = ?, expires = ?
                WHERE id = ?
                """,
                [isAllowed, principal.id, principal.name, time, time + ReviewStore.decisionSeconds, id])
            return try ReviewTable.entry(db, id)
        }
    }

    private func read<Value>(_ body: (any StateTransaction) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try database.read(body) } catch { throw AccessStoreError(error, path: database.path) }
    }

    private func write<Value>(_ body: (any StateTransaction) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try database.write(body) } catch { throw AccessStoreError(error, path: database.path) }
    }
}
