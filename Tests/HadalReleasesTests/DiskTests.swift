import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalReleases

/// `releases.db` on disks that fail, and as earlier versions wrote it.
@Suite(.timeLimit(.minutes(15))) struct DiskTests {
    @Test func aFileOfBeforeHadalStateOpensAndGoesOn() throws {
        let directory = try TemporaryDirectory()
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let sql = try String(contentsOf: here.appending(path: "Field/releases.sql"), encoding: .utf8)
        let state = try SQLiteState(
            directory.url.appending(path: "releases.db"), migrations: [StateMigration("field", [sql])])
        try state.write { try $0.execute("DELETE FROM grdb_migrations WHERE identifier = 'field'") }
        try state.close()
        let store = try ReleaseStore(data: directory.url)
        #expect(try store.deployments().map(\.alias) == ["chat"])
        let event = try #require(try store.events(limit: 10).first)
        #expect(event.why == "because")
        try store.write { try EventTable.add($0, event) }
        #expect(try store.events(limit: 10).map(\.number) == [2, 1])
    }

    @Test func onAFullDiskNothingIsDoneAndNothingLost() async {
        await #expect(processExitsWith: .success) {
            let bench = try Bench()
            let controller = try await bench.serving(FakeActuator(bench.world))
            let store = controller.store
            let event = try #require(try store.events(limit: 1).first)
            try FileSizes.limit(toThoseIn: bench.data.path)
            var count = try store.events(limit: 1000).count
            var error: ReleaseError?
            while error == nil {
                do throws(ReleaseError) {
                    try store.write { try EventTable.add($0, event) }
                    count += 1
                } catch let problem { error = problem }
            }
            #expect(error == .state(.diskFull(path: store.path)))
            #expect(try store.events(limit: 1000).count == count)
            FileSizes.limit(nil)
            try store.write { try EventTable.add($0, event) }
            #expect(try store.events(limit: 1000).count == count + 1)
            await controller.stop()
        }
    }

    @Test func aDamagedPageIsNamedAndTheFileLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("releases.db")
        do { _ = try ReleaseStore(data: directory.url) }
        try Bytes.replace(path, at: 2 * 4096, with: Data(repeating: 0xA5, count: 64))
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let error = #expect(throws: ReleaseError.self) { try ReleaseStore(data: directory.url) }
        #expect(error?.description.contains("releases.db is damaged") == true)
        #expect(error?.description.contains("hadal restore") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
}
