import HadalState

/// Allow and deny lists of tenants and keys: the table `addressRanges` of `access.db`. The server's own are in the
/// configuration.
public struct AddressRuleStore: Sendable {
    private let database: any StateDatabase

    public init(_ database: any StateDatabase) { self.database = database }

    public init(_ database: AccessDatabase) { self.init(database.state) }

    static let migrations = [
        StateMigration(
            "addressRanges",
            [
                """
                CREATE TABLE addressRanges (
                  kind TEXT NOT NULL CHECK (kind IN ('tenant', 'key')),
                  subject TEXT NOT NULL,
                  isAllowed INTEGER NOT NULL CHECK (isAllowed IN (0, 1)),
                  range TEXT NOT NULL,
                  PRIMARY KEY (kind, subject, isAllowed, range)
                ) WITHOUT ROWID
                """
            ])
    ]

    /// - Throws: `StateError`, `LimitError` where a row is damaged: a list that cannot be read is no reason to let
    ///   all in.
    public func all() throws -> [AddressGuard.Subject: AddressRules] {
        var lists: [AddressGuard.Subject: (allow: [String], deny: [String])] = [:]
        for row in try database.read({ try $0.rows("SELECT * FROM addressRanges") }) {
            let name = try row.text("subject")
            let subject: AddressGuard.Subject = try row.text("kind") == "tenant" ? .tenant(name) : .key(name)
            let range = try row.text("range")
            if try row.bool("isAllowed") {
                lists[subject, default: ([], [])].allow.append(range)
            } else {
                lists[subject, default: ([], [])].deny.append(range)
            }
        }
        return try lists.mapValues { try AddressRules(allow: $0.allow, deny: $0.deny) }
    }

    /// Takes the place of the subject's earlier rules; `AddressRules.all` removes them.
    public func set(_ rules: AddressRules, for subject: AddressGuard.Subject) throws {
        try database.write { db in try AddressRuleStore.set(rules, for: subject, db) }
    }

    static func set(_ rules: AddressRules, for subject: AddressGuard.Subject, _ db: any StateTransaction) throws {
        let (kind, name) =
            switch subject {
            case .tenant(let name): ("tenant", name)
            case .key(let id): ("key", id)
            }
        try db.execute("DELETE FROM addressRanges WHERE kind = ? AND subject = ?", [kind, name])
        for (ranges, isAllowed) in [(rules.allow, true), (rules.deny, false)] {
            for range in Set(ranges) {
                try db.execute(
                    "INSERT INTO addressRanges (kind, subject, isAllowed, range) VALUES (?, ?, ?, ?)",
                    [kind, name, isAllowed, range.description])
            }
        }
    }
}
