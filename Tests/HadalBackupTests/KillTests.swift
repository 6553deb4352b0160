import Foundation
import GRDB
import HadalObjects
import TestSupport
import Testing

@testable import HadalBackup

/// SIGKILL to a process that backs up, at each object that it writes.
@Suite(.timeLimit(.minutes(15)))
struct KillTests {
    @Test func whatIsThereCanBeBroughtBackWheneverItWasKilled() async throws {
        let directory = try TemporaryDirectory()
        let (data, place) = (directory.file("data"), directory.file("place"))
        try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
        let key = RepositoryKey.random()
        let storage = try DirectoryStorage(place, creating: true)
        let repository = try await BackupRepository.create(in: storage, key: key)
        try await repository.take(over: "probe")
        var kills = 0
        for round in 1...40 {
            let status = try await Victim().run("BackupProbe", [data, place, key.recoveryText, "\(round)"])
            if status == nil { kills += 1 } else { try #require(status == 0) }
            #expect(try await repository.check(reads: true).problems.isEmpty)
            guard !(try await repository.snapshots()).isEmpty else { continue }
            let target = directory.file("restored-\(round)")
            _ = try await Restoration(try await repository.plan(), from: repository).run(into: target)
            // The probe writes each number to the database, then to the file.
            let last = try await DatabaseQueue(path: target + "/data/usage.db").read {
                try Int.fetchOne($0, sql: "SELECT number FROM t ORDER BY rowid DESC LIMIT 1")
            }
            let text = try String(contentsOfFile: target + "/data/last.txt", encoding: .utf8)
            #expect(last == Int(text))
            if status != nil { break }
        }
        #expect(kills >= 10)
    }
}
