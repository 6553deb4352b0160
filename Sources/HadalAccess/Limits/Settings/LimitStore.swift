import HadalState

/// Limits that were set for single keys, users, tenants and models: the table `limits` of `access.db`.
///
/// A `Limiter` keeps all of them in memory. After a change by any process (`PRAGMA data_version`), hand `all()` to
/// `Limiter.use`.
public struct LimitStore: Sendable {
    private let database: any StateDatabase

    public init(_ database: any StateDatabase) { self.database = database }

    public init(_ database: AccessDatabase) { self.init(database.state) }

    static let migrations = [
        StateMigration(
            "limits",
            [
                // A value of NULL: no limit, although there is one by default.
                """
                CREATE TABLE limits (
                  scope TEXT NOT NULL,
                  subject TEXT NOT NULL,
                  model TEXT NOT NULL,
                  kind TEXT NOT NULL,
                  value INTEGER,
                  PRIMARY KEY (scope, subject, model, kind)
                ) WITHOUT ROWID
                """
            ])
    ]

    /// In the order of scopes. Kinds that a later version may have written and this one does not know are left out.
    /// - Throws: `StateError`.
    public func all() throws -> [LimitOverride] {
        try database.read { db in
            try db.rows("SELECT * FROM limits ORDER BY scope, subject, model, kind").compactMap { row in
                let scope = LimitScope(
                    kind: try row.text("scope"), subject: try row.text("subject"), model: try row.text("model"))
                guard let scope, let kind = LimitKind(rawValue: try row.text("kind")) else { return nil }
                let value = try row.optionalInt("value")
                if let value, !(0...kind.maximum).contains(value) {
                    throw row.damaged("value", "is out of range")
                }
                return LimitOverride(scope: scope, kind: kind, value: value)
            }
        }
    }

    /// Takes the place of what was set for the same scope and kind.
    /// - Throws: `LimitError.badValue`, `StateError`.
    public func set(_ override: LimitOverride) throws {
        try database.write { db in try LimitStore.set(override, db) }
    }

    /// From here on the default counts again.
    /// - Parameter kind: nil: all of the scope's.
    /// - Returns: whether there was one.
    @discardableResult
    public func remove(_ kind: LimitKind? = nil, of scope: LimitScope) throws -> Bool {
        try database.write { db in try LimitStore.remove(kind, of: scope, db) }
    }

    static func set(_ override: LimitOverride, _ db: any StateTransaction) throws {
        if let value = override.value, !(0...override.kind.maximum).contains(value) {
            throw LimitError.badValue(override.kind, override.kind.text(value))
        }
        let (subject, model) = override.scope.columns
        try db.execute(
            """
            INSERT INTO limits (scope, subject, model, kind, value) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (scope, subject, model, kind) DO UPDATE SET value = excluded.value
            """,
            [override.scope.kind.rawValue, subject, model, override.kind.rawValue, override.value])
    }

    static func remove(_ kind: LimitKind?, of scope: LimitScope, _ db: any StateTransaction) throws -> Bool {
        let (subject, model) = scope.columns
        return try db.executeCounting(
            """
            DELETE FROM limits
            WHERE scope = ? AND subject = ? AND model = ? AND (?4 IS NULL OR kind = ?4)
            """,
            [scope.kind.rawValue, subject, model, kind?.rawValue]) > 0
    }
}
