import Foundation
import HadalState
import TestSupport

/// A database with a table of texts.
struct Places: Sendable {
    static let migrations = [
        StateMigration(
            "places",
            [
                """
                CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL, size REAL, picture BLOB);
                CREATE TRIGGER places_kept BEFORE DELETE ON places WHEN OLD.id = 1 BEGIN
                    SELECT RAISE(ABORT, 'the first place stays');
                END;
                """
            ])
    ]

    let directory: TemporaryDirectory
    let state: SQLiteState
    var path: String { state.path }

    init(_ options: SQLiteState.Options = SQLiteState.Options()) throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        state = try Places.open(directory.path, options)
    }

    static func open(
        _ directory: String, _ options: SQLiteState.Options = SQLiteState.Options()
    ) throws(StateError) -> SQLiteState {
        try SQLiteState(URL(fileURLWithPath: directory + "/places.db"), options, migrations: migrations)
    }

    static func add(_ names: some Sequence<String>, to state: any StateDatabase) throws {
        try state.write { db in
            for name in names { try db.execute("INSERT INTO places (name) VALUES (?)", [name]) }
        }
    }

    static func names(_ state: any StateDatabase) throws -> [String] {
        try state.read { try $0.rows("SELECT name FROM places ORDER BY id").map { try $0.text("name") } }
    }
}

/// What a state's error is, whatever it says.
func failure(_ body: () throws -> some Any) -> StateError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? StateError
    }
}
