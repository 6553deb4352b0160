import Foundation
import GRDB
import HadalState
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct MigrationTests {
    private let later = Places.migrations + [StateMigration("colours", ["ALTER TABLE places ADD COLUMN colour TEXT"])]

    @Test func aFileThatGRDBsMigratorHasMadeOpensAndIsBroughtUpToDate() throws {
        let directory = try TemporaryDirectory()
        let url = URL(fileURLWithPath: directory.file("places.db"))
        do {
            let pool = try DatabasePool(path: url.path)
            var migrator = DatabaseMigrator()
            migrator.registerMigration("places") { try $0.execute(sql: Places.migrations[0].statements[0]) }
            try migrator.migrate(pool)
            try pool.write { try $0.execute(sql: "INSERT INTO places (name) VALUES ('kept')") }
        }
        let state = try SQLiteState(url, migrations: later)
        #expect(try state.read { try $0.row("SELECT * FROM places")?.optionalText("colour") } == nil)
        #expect(try Places.names(state) == ["kept"])
        let applied = try state.read { try $0.rows("SELECT identifier FROM grdb_migrations ORDER BY rowid") }
        #expect(try applied.map { try $0.text("identifier") } == ["places", "colours"])
    }

    @Test func aLaterVersionsFileIsRefusedAndLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let url = URL(fileURLWithPath: directory.file("places.db"))
        try SQLiteState(url, migrations: later).close()
        let bytes = try Data(contentsOf: url)
        #expect(throws: StateError.newer(path: url.path)) { try Places.open(directory.path) }
        #expect(try Data(contentsOf: url) == bytes)
        _ = try SQLiteState(url, migrations: later)
    }

    @Test func aMigrationThatFailsLeavesTheFileAsItWas() throws {
        let places = try Places()
        try Places.add(["kept"], to: places.state)
        let broken =
            later + [StateMigration("broken", ["ALTER TABLE places ADD COLUMN depth REAL", "SELECT nonsense"])]
        let error = failure { try SQLiteState(URL(fileURLWithPath: places.path), migrations: broken) }
        guard case .failed(places.path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Those before it stay, each was whole.
        let state = try SQLiteState(URL(fileURLWithPath: places.path), migrations: later)
        #expect(try Places.names(state) == ["kept"])
        let error2 = failure { try state.read { try $0.row("SELECT depth FROM places") } }
        #expect(error2 == .failed(path: places.path, problem: "no such column: depth"))
    }
}
