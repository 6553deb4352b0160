import Foundation
import GRDB

extension SQLiteState {
    /// Seconds to wait for another process's write: on a busy disk a few that are made durable take some.
    fileprivate static let patience = 15.0

    /// A file that is there, checked and brought up to date.
    static func open(_ url: URL, _ options: Options, _ migrator: DatabaseMigrator) throws -> DatabasePool {
        let isCurrent = try check(url, migrator)
        var configuration = Configuration()
        configuration.busyMode = .timeout(SQLiteState.patience)
        configuration.label = url.lastPathComponent
        configuration.prepareDatabase { db in
            if options.erases { try db.execute(sql: "PRAGMA secure_delete = ON") }
        }
        // Of processes that start at once, one brings it up to date and the others find it so.
        return try PrivateFile.alone(in: url.deletingLastPathComponent()) {
            let pool = try DatabasePool(path: url.path, configuration: configuration)
            // Not before: opening it, GRDB sets the connection that writes to NORMAL.
            if options.isDurable {
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            }
            // Not tried where there is nothing to do: it writes, and what cannot be written can still be read.
            if !isCurrent { try migrator.migrate(pool) }
            return pool
        }
    }

    /// Looks whether the file is whole and for us, before anything is opened that could write to it.
    /// - Returns: whether it has had all migrations.
    private static func check(_ url: URL, _ migrator: DatabaseMigrator) throws -> Bool {
        let queue = try DatabaseQueue(path: url.path, configuration: .readOnly)
        let isCurrent = try queue.read { db in
            let found = try String.fetchOne(db, sql: "PRAGMA quick_check(1)") ?? "no answer"
            guard found == "ok" else {
                let lines = found.split(whereSeparator: \.isNewline)
                throw StateError.damaged(path: url.path, found: String(lines.last ?? "its check fails"))
            }
            if try migrator.hasBeenSuperseded(db) { throw StateError.newer(path: url.path) }
            return try migrator.hasCompletedMigrations(db)
        }
        try queue.close()
        return isCurrent
    }
}

extension Configuration {
    static var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(SQLiteState.patience)
        return configuration
    }
}

extension DatabaseMigrator {
    /// Keeps its records in `grdb_migrations`, by the migrations' names.
    init(_ migrations: [StateMigration]) {
        self.init()
        for migration in migrations {
            registerMigration(migration.name) { db in
                for sql in migration.statements { try db.execute(sql: sql) }
            }
        }
    }
}
