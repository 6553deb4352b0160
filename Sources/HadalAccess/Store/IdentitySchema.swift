import HadalState

/// The tables of identity. Times are seconds since 1970; lists are JSON.
enum IdentitySchema {
    static let migrations = [
        StateMigration(
            "identity",
            [
                """
                CREATE TABLE tenants (
                    name TEXT PRIMARY KEY COLLATE NOCASE, display_name TEXT NOT NULL, models TEXT,
                    is_enabled INTEGER NOT NULL, created REAL NOT NULL
                );
                INSERT INTO tenants VALUES ('default', 'Default', NULL, 1, unixepoch());
                CREATE TABLE roles (
                    name TEXT PRIMARY KEY COLLATE NOCASE, about TEXT NOT NULL, permissions TEXT NOT NULL,
                    models TEXT
                );
                CREATE TABLE users (
                    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE,
                    tenant TEXT NOT NULL REFERENCES tenants(name), display_name TEXT NOT NULL, roles TEXT NOT NULL,
                    is_enabled INTEGER NOT NULL, password TEXT, created REAL NOT NULL, password_changed REAL
                );
                CREATE TABLE links (
                    kind TEXT NOT NULL, issuer TEXT NOT NULL, value TEXT NOT NULL,
                    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                    PRIMARY KEY (kind, issuer, value)
                );
                CREATE INDEX links_by_user ON links(user_id);
                CREATE TABLE keys (
                    id TEXT PRIMARY KEY, prefix TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
                    user_id TEXT REFERENCES users(id) ON DELETE CASCADE, roles TEXT,
                    tenant TEXT NOT NULL REFERENCES tenants(name), scopes TEXT, models TEXT,
                    hash BLOB NOT NULL, previous_hash BLOB, previous_until REAL,
                    created REAL NOT NULL, created_by TEXT NOT NULL, expires REAL, revoked REAL,
                    CHECK ((user_id IS NULL) <> (roles IS NULL))
                );
                CREATE INDEX keys_by_user ON keys(user_id);
                CREATE TABLE key_uses (
                    key_id TEXT PRIMARY KEY REFERENCES keys(id) ON DELETE CASCADE, time REAL NOT NULL
                );
                CREATE TABLE sessions (
                    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE,
                    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
                    created REAL NOT NULL, expires REAL NOT NULL, address TEXT, second_factor_until REAL
                );
                CREATE INDEX sessions_by_user ON sessions(user_id);
                CREATE TABLE session_uses (
                    session_id TEXT PRIMARY KEY REFERENCES sessions(id) ON DELETE CASCADE, time REAL NOT NULL
                );
                CREATE TABLE second_factors (
                    user_id TEXT PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
                    secret BLOB, pending BLOB, last_step INTEGER NOT NULL DEFAULT 0
                );
                CREATE TABLE recovery_codes (
                    user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE, hash BLOB NOT NULL,
                    PRIMARY KEY (user_id, hash)
                );
                CREATE TABLE attempts (
                    subject TEXT PRIMARY KEY, count INTEGER NOT NULL, began REAL NOT NULL, locked_until REAL
                );
                CREATE TABLE revisions (area TEXT PRIMARY KEY, number INTEGER NOT NULL);
                """,
                "INSERT INTO revisions VALUES ('directory', 1), ('sessions', 1)",
            ] + ["tenants", "roles", "users", "links", "keys"].flatMap { watch($0, "directory") }
                + watch("sessions", "sessions")
                // Whether there is one is kept in memory; which codes were used is not.
                + ["INSERT", "DELETE", "UPDATE OF secret"].map { watch("second_factors", "directory", $0) })
    ]

    /// Of tables that others have made.
    static let limitMigrations = [
        StateMigration(
            "limits are watched",
            ["INSERT INTO revisions VALUES ('limits', 1)"]
                + ["limits", "addressRanges"].flatMap { watch($0, "limits") })
    ]

    /// What a server keeps in memory. Each change of these tables raises a number, so that others notice, whoever
    /// changes what. What changes all the time without anybody's rights changing (last use, attempts) is in tables
    /// beside them.
    private static func watch(_ table: String, _ area: String) -> [String] {
        ["INSERT", "UPDATE", "DELETE"].map { watch(table, area, $0) }
    }

    private static func watch(_ table: String, _ area: String, _ change: String) -> String {
        """
        CREATE TRIGGER \(table)_\(change.lowercased().replacing(" ", with: "_")) AFTER \(change) ON \(table) BEGIN
            UPDATE revisions SET number = number + 1 WHERE area = '\(area)';
        END
        """
    }
}
