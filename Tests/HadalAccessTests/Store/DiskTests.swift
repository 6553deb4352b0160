import Foundation
import HadalState
import TestSupport
import Testing

@testable import HadalAccess

/// Full and damaged disks as those who use the files see them.
@Suite(.timeLimit(.minutes(15))) struct DiskTests {
    @Test func onAFullDiskKeysGoOnAndNothingIsLost() async {
        await #expect(processExitsWith: .success) {
            let installation = try Installation()
            let full = AccessProblem.store(.state(.diskFull(path: installation.database.url.path)))
            try installation.user("ann")
            let key = try installation.serviceKey()
            try FileSizes.limit(toThoseIn: installation.data.path)
            var problem: AccessProblem?
            var names = ["ann"]
            while problem == nil {
                do {
                    try installation.user("user\(names.count)")
                    names.append("user\(names.count)")
                } catch let error as AccessProblem { problem = error }
            }
            #expect(problem == full)
            _ = try installation.authenticate(key: key.secret)
            installation.control.flush()
            // Whether a name is locked cannot be counted: nobody gets to try.
            #expect(throws: AccessError.self) { try installation.logIn("ann") }
            FileSizes.limit(nil)
            try installation.user("later")
            _ = try installation.logIn("ann")
            let there = try AccessDatabase(data: installation.data).read {
                Set(try Directory($0).users.values.map(\.name))
            }
            #expect(there == Set(names + ["later"]))
        }
    }

    @Test func onAFullDiskUsageIsWrittenLaterAndActsAreNotDone() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let limiter = try Limiter(.only([:]), try StandingClock(), data: directory.url)
            let log = try AuditLog(data: directory.url)
            let event = AuditEvent(by: .local(name: "root"), action: "test")
            try await limiter.admit(.of()).finish(promptTokens: 1, answerTokens: 0)
            try await limiter.flush()
            try log.record(event)
            try FileSizes.limit(toThoseIn: directory.path)
            var error: AccessStoreError?
            var used = 1
            while error == nil {
                try await limiter.admit(.of(key: "key:\(used)", prompt: 1)).finish(promptTokens: 1, answerTokens: 0)
                used += 1
                do throws(AccessStoreError) { try await limiter.flush() } catch let problem { error = problem }
            }
            #expect(error == .state(.diskFull(path: directory.file("usage.db"))))
            error = nil
            var events = 1
            while error == nil {
                do {
                    try log.record(event)
                    events += 1
                } catch let problem { error = try #require(problem as? AccessStoreError) }
            }
            #expect(error == .state(.diskFull(path: directory.file("audit.db"))))
            #expect(limiter.activity.unwritten == 1)
            FileSizes.limit(nil)
            try await limiter.flush()
            try log.record(event)
            #expect(try await limiter.store.report(UsageQuery()).map(\.promptTokens) == [used])
            #expect(try log.events(tenant: nil, limit: AuditLog.pageMax).count == events + 1)
        }
    }

    @Test func whereAPageIsDamagedWhileItRunsNobodyGetsInUntilItIsMended() async throws {
        let installation = try Installation()
        let key = try installation.serviceKey()
        let path = installation.database.url.path
        let page = try installation.database.read {
            try $0.row("SELECT rootpage FROM sqlite_schema WHERE name = 'users'")?.integer("rootpage") ?? 0
        }
        let place = UInt64(page - 1) * 4096
        // All of it into the file itself.
        _ = try await installation.database.state.exclusively { try $0.row("PRAGMA wal_checkpoint(TRUNCATE)") }
        try installation.database.state.close()
        let original = try Data(contentsOf: URL(fileURLWithPath: path))[Int(place)..<Int(place) + 64]
        let database = try AccessDatabase(data: installation.data)
        let control = try AccessControl(database, policy: .quick, opensWhenEmpty: false)
        func authenticate() throws -> Principal {
            try control.authenticate(Credentials(bearer: key.secret), now: installation.now)
        }
        // Another process's hand: closing the file in this one would take SQLite's locks away.
        await #expect(processExitsWith: .success) { [path = path as String, place = place as UInt64] in
            try Bytes.replace(path, at: place, with: Data(repeating: 0xA5, count: 64))
        }
        // From memory.
        _ = try authenticate()
        try database.write { try $0.execute("UPDATE tenants SET display_name = 'changed'") }
        guard case .unavailable(let detail) = #expect(throws: AccessError.self, performing: { try authenticate() })
        else {
            Issue.record("let in")
            return
        }
        #expect(detail.contains(path) && detail.contains("is damaged") && detail.contains("hadal restore"))
        #expect(throws: AccessStoreError.self) { try AccessDatabase(data: installation.data) }
        await #expect(processExitsWith: .success) {
            [path = path as String, place = place as UInt64, original = Data(original) as Data] in
            try Bytes.replace(path, at: place, with: original)
        }
        try database.write { try $0.execute("UPDATE tenants SET display_name = 'Default'") }
        _ = try authenticate()
    }

    @Test func damagedUsageIsFoundWhenItIsOpened() throws {
        let directory = try TemporaryDirectory()
        try UsageStore(data: directory.url).database.close()
        try Bytes.replace(directory.file("usage.db"), at: 4096, with: Data(repeating: 0xA5, count: 64))
        let error = #expect(throws: AccessStoreError.self) { try UsageStore(data: directory.url) }
        #expect(error?.damaged == directory.file("usage.db"))
    }
}
