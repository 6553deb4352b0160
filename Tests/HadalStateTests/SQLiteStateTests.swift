import Foundation
import HadalState
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct SQLiteStateTests {
    private struct Stop: Error, Equatable {}

    @Test func valuesComeBackAsTheyWere() throws {
        let places = try Places()
        var random = SplitMix(state: 7)
        for number in 0..<200 {
            let name = String(repeating: "ä\u{1F30D}'\"", count: Int.random(in: 0..<20, using: &random))
            let size = Bool.random(using: &random) ? Double.random(in: -1e300...1e300, using: &random) : nil
            let picture = Data(
                (0..<Int.random(in: 0..<50, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
            let id = Int64.random(in: .min ... .max, using: &random)
            let row = try places.state.write { db in
                try db.row(
                    "INSERT INTO places (id, name, size, picture) VALUES (?, ?, ?, ?) RETURNING *",
                    [id, name, size, picture])
            }
            let found = try #require(row)
            #expect(try found.integer("id") == id && found.text("name") == name, "\(number)")
            #expect(try found.optionalReal("size") == size && found.blob("picture") == picture, "\(number)")
        }
        #expect(try Places.names(places.state).count == 200)
    }

    @Test func aRowThatMakesNoSenseNamesTableAndColumnAndNoValue() throws {
        let places = try Places()
        try Places.add(["secret"], to: places.state)
        let row = try #require(try places.state.read { try $0.row("SELECT id, name, size FROM places") })
        for error in [
            failure { try row.integer("name") }, failure { try row.blob("name") }, failure { try row.time("name") },
            failure { try row.bool("name") },
        ] {
            guard case .damaged(places.path, let found) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(found.hasPrefix("places.name holds no"))
            #expect(error?.description.contains("secret") == false)
            #expect(error?.description.contains("hadal restore") == true)
        }
        #expect(throws: StateError.damaged(path: places.path, found: "places.colour is not there")) {
            try row.text("colour")
        }
        #expect(throws: StateError.damaged(path: places.path, found: "places.size holds no number")) {
            try row.real("size")
        }
        #expect(try row.optionalReal("size") == nil)
    }

    @Test func aTransactionIsAllOrNothingAndErrorsOfTheBodyComeOutAsTheyAre() throws {
        let places = try Places()
        try Places.add(["one"], to: places.state)
        #expect(throws: Stop()) {
            try places.state.write { db in
                try db.execute("INSERT INTO places (name) VALUES ('two')")
                throw Stop()
            }
        }
        let error = failure {
            try places.state.write { db in
                try db.execute("INSERT INTO places (name) VALUES ('three')")
                try db.execute("DELETE FROM places WHERE name IN (?, ?)", ["one", "of nobody's business"])
            }
        }
        #expect(error == .failed(path: places.path, problem: "the first place stays"))
        #expect(try Places.names(places.state) == ["one"])
    }

    @Test func statementsSayHowManyRowsTheyChanged() throws {
        let places = try Places()
        try Places.add(["a", "b", "c"], to: places.state)
        let counts = try places.state.write { db in
            [
                try db.executeCounting("UPDATE places SET size = ?1 WHERE id > ?2", [2, 1]),
                try db.executeCounting("DELETE FROM places WHERE name = ?", ["z"]),
            ]
        }
        #expect(counts == [2, 0])
        var sum = 0.0
        try places.state.read { db in
            try db.each("SELECT size FROM places WHERE size IS NOT NULL", []) { sum += try $0.real("size") }
        }
        #expect(sum == 4)
    }

    @Test func aReadSeesOneMomentWhileOthersWrite() throws {
        let places = try Places()
        try Places.add(["a"], to: places.state)
        let other = try Places.open(places.directory.path)
        let counts = try places.state.read { db in
            func count() throws -> Int? { try db.row("SELECT count(*) AS number FROM places")?.int("number") }
            let before = try count()
            try Places.add(["b"], to: other)
            return [before, try count()]
        }
        #expect(counts == [1, 1])
        #expect(try Places.names(places.state) == ["a", "b"])
    }

    @Test func commitsAreNoticedByTheirNumber() async throws {
        let places = try Places()
        let other = try Places.open(places.directory.path)
        let first = try places.state.version()
        #expect(try places.state.version() == first)
        let others = try await places.state.exclusively { try $0.othersVersion() }
        try Places.add(["own"], to: places.state)
        let second = try places.state.version()
        #expect(second != first)
        #expect(try await places.state.exclusively { try $0.othersVersion() } == others)
        try Places.add(["another's"], to: other)
        #expect(try places.state.version() != second)
        #expect(try await places.state.exclusively { try $0.othersVersion() } != others)
        let memory = try SQLiteState(inMemory: Places.migrations)
        let before = try memory.version()
        try Places.add(["x"], to: memory)
        #expect(try memory.version() != before)
    }

    @Test func whatNobodyWaitsForIsWrittenInOrderAndItsFailureIsTold() throws {
        let places = try Places()
        let failures = Mutex<[String]>([])
        for number in 0..<50 {
            places.state.writeLater { db in
                try db.execute("INSERT INTO places (name) VALUES (?)", ["\(number)"])
                if number % 10 == 3 { throw Stop() }
            } failed: { error in
                failures.withLock { $0.append("\(number) \(error is Stop)") }
            }
        }
        places.state.waitForWrites()
        #expect(failures.withLock { $0 } == ["3 true", "13 true", "23 true", "33 true", "43 true"])
        #expect(try Places.names(places.state) == (0..<50).filter { $0 % 10 != 3 }.map(String.init))
    }

    @Test func readsAndTransactionsOnTheWriterHaveNothingBetweenThem() async throws {
        let places = try Places()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await places.state.exclusively { db in
                        let count = try db.row("SELECT count(*) AS number FROM places")?.int("number") ?? 0
                        try db.transaction { try $0.execute("INSERT INTO places (name) VALUES (?)", ["\(count)"]) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try Places.names(places.state) == (0..<20).map(String.init))
    }

    /// 2: each commit is on the disk when it returns; 1: with the next checkpoint.
    @Test(arguments: [(true, 2), (false, 1)])
    func whatIsDurableWaitsForTheDisk(isDurable: Bool, level: Int) async throws {
        let places = try Places(SQLiteState.Options(isDurable: isDurable))
        let found = try await places.state.exclusively { db in
            try db.row("PRAGMA synchronous")?.int("synchronous")
        }
        #expect(found == level)
    }

    @Test func filesAreClosedToOthers() throws {
        let places = try Places(SQLiteState.Options(isDurable: false, erases: true))
        try Places.add(["a"], to: places.state)
        for name in try places.directory.names {
            let path = places.directory.file(name)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600, "\(name)")
        }
        #expect(try places.directory.names == ["places.db", "places.db-shm", "places.db-wal"])
    }

    @Test func manyThatStartAtOnceAllGetOn() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { try Places.add(["\(number)"], to: try Places.open(path)) }
            }
            try await group.waitForAll()
        }
        #expect(try Set(Places.names(try Places.open(path))) == Set((0..<8).map(String.init)))
    }

    /// Closing any descriptor of the file would take this process's locks away, so that another process that ends takes
    /// itself for the last one and deletes the log under us.
    @Test func openingItAgainKeepsTheLocksOfThoseWhoHaveItOpen() async throws {
        let places = try Places()
        try Places.add(["a"], to: places.state)
        #expect(chmod(places.path, 0o644) == 0)
        try Places.open(places.directory.path).close()
        await #expect(processExitsWith: .success) { [path = places.directory.path as String] in
            let other = try Places.open(path)
            try Places.add(["b"], to: other)
            try other.close()
        }
        #expect(try places.directory.names.contains("places.db-wal"))
        try Places.add(["c"], to: places.state)
        #expect(try Places.names(try Places.open(places.directory.path)) == ["a", "b", "c"])
    }
}
