import Foundation
import HadalState
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15))) struct DamageTests {
    private static let pageSize: UInt64 = 4096

    /// About a hundred pages, all of them in the file itself.
    private func large() throws -> TemporaryDirectory {
        let places = try Places()
        try Places.add((0..<1000).map { "\($0) " + String(repeating: "x", count: 380) }, to: places.state)
        try places.state.close()
        return places.directory
    }

    @Test func aPageThatIsDamagedIsFoundWhenTheFileIsOpened() throws {
        let directory = try large()
        let path = directory.file("places.db")
        var random = SplitMix(state: 11)
        for _ in 0..<20 {
            let page = UInt64.random(in: 3..<90, using: &random)
            let original = try Bytes.replace(path, at: page * Self.pageSize, with: Data(repeating: 0xA5, count: 64))
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            guard case .damaged(path, _) = failure({ try Places.open(directory.path) }) else {
                Issue.record("page \(page)")
                continue
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
            try Bytes.replace(path, at: page * Self.pageSize, with: original)
        }
        #expect(try Places.names(try Places.open(directory.path)).count == 1000)
    }

    @Test func aPageThatIsDamagedLaterIsFoundWhenItIsRead() async throws {
        let directory = try large()
        let path = directory.file("places.db")
        let state = try Places.open(directory.path)
        let place = 50 * Self.pageSize
        let original = try Data(contentsOf: URL(fileURLWithPath: path))[Int(place)..<Int(place) + 64]
        // Another process's hand: closing the file in this one would take our locks away.
        await #expect(processExitsWith: .success) { [path = path as String, place = place as UInt64] in
            try Bytes.replace(path, at: place, with: Data(repeating: 0xA5, count: 64))
        }
        let error = failure { try Places.names(state) }
        guard case .damaged(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // What does not need the page goes on, writes included.
        try Places.add(["later"], to: state)
        let last = try await state.read { try $0.row("SELECT name FROM places ORDER BY id DESC LIMIT 1")?.text("name") }
        #expect(last == "later")
        await #expect(processExitsWith: .success) {
            [path = path as String, place = place as UInt64, original = Data(original) as Data] in
            try Bytes.replace(path, at: place, with: original)
        }
        try Places.add(["latest"], to: state)
        #expect(try Places.names(state).count == 1002)
    }

    @Test func aFileThatIsNoDatabaseIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("not a database at all, but long enough to be one".utf8), "places.db")
        guard case .damaged(path, _) = failure({ try Places.open(directory.path) }) else {
            Issue.record("opened")
            return
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 48)
    }

    @Test func aFileThatWasCutShortIsDamaged() throws {
        let directory = try large()
        #expect(truncate(directory.file("places.db"), 40 * 4096 + 100) == 0)
        guard case .damaged = failure({ try Places.open(directory.path) }) else {
            Issue.record("opened")
            return
        }
    }
}
