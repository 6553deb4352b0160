import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalReleases

/// `releases.db` as a file.
@Suite struct StoreTests {
    @Test func othersCannotReadIt() async throws {
        let bench = try Bench()
        let controller = try await bench.serving(FakeActuator(bench.world))
        for name in try FileManager.default.contentsOfDirectory(atPath: bench.data.path) {
            let path = bench.data.appendingPathComponent(name).path
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600, "\(name)")
        }
        await controller.stop()
    }

    @Test func eventsAreNeverChangedNorDeleted() async throws {
        let bench = try Bench()
        let controller = try await bench.serving(FakeActuator(bench.world))
        for sql in ["DELETE FROM events", "UPDATE events SET why = ''"] {
            #expect(throws: ReleaseError.self) { try controller.store.write { try $0.execute(sql) } }
        }
        let events = try controller.store.events(limit: 1000)
        #expect(events.map(\.number) == (1...Int64(events.count)).reversed())
        let page = try controller.store.events(alias: "chat", before: events[1].number, limit: 2)
        #expect(page == Array(events[2...3]))
        #expect(try controller.store.events(alias: "other").isEmpty)
    }

    @Test func aDamagedFileIsNamed() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(repeating: UInt8(7), count: 5000), "releases.db")
        let error = #expect(throws: ReleaseError.self) { try ReleaseStore(data: directory.url) }
        #expect(error?.description.contains("releases.db") == true && error?.description.contains("backup") == true)
    }

    @Test func aLaterVersionsFileIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try ReleaseStore(data: directory.url)
            try store.write { try $0.execute("INSERT INTO grdb_migrations VALUES ('of next year')") }
        }
        let error = #expect(throws: ReleaseError.self) { try ReleaseStore(data: directory.url) }
        #expect(error?.description.contains("later version") == true)
    }

    @Test func windowsOfBeforeLossesWereCountedAreReadAsNone() async throws {
        let bench = try Bench()
        let key = ObservationBook.Key(rollout: 1, step: 0, version: 1)
        var window = VersionWindow(seed: key.seed)
        window.add(Observation(alias: "chat", version: 1, began: bench.clock.now, outcome: .answered, total: 2))
        do {
            let controller = try await bench.serving(FakeActuator(bench.world))
            try controller.store.write { db in
                try EvidenceTable.put(db, key, window)
                try db.execute("UPDATE windows SET data = json_remove(data, '$.losses')")
                try db.execute("DELETE FROM grdb_migrations WHERE identifier = 'losses'")
            }
            #expect(throws: ReleaseError.self) { try controller.store.read { try EvidenceTable.window($0, key) } }
            await controller.stop()
        }
        let found = try ReleaseStore(data: bench.data).read { try EvidenceTable.window($0, key) }
        #expect(found == window)
    }

    @Test func aValueThatMakesNoSenseIsAnError() async throws {
        let bench = try Bench()
        let controller = try await bench.serving(FakeActuator(bench.world))
        for sql in [
            "UPDATE rollouts SET state = 'gone'", "UPDATE versions SET content = '{}'",
            "UPDATE deployments SET traffic = '{}'",
        ] { try controller.store.write { try $0.execute(sql) } }
        #expect(throws: ReleaseError.self) { try controller.store.rollouts() }
        #expect(throws: ReleaseError.self) { try controller.store.versions("chat") }
        #expect(throws: ReleaseError.self) { try controller.store.deployments() }
    }

    @Test func twoAtOnceOpenOneFile() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.url
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { _ = try ReleaseStore(data: data) } }
            try await group.waitForAll()
        }
    }
}
