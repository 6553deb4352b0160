import Foundation
import GRDB
import HadalObjects
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

/// What backs up while a server runs.
@Suite(.timeLimit(.minutes(15)))
struct ServiceTests {
    @Test func theTimeOfTheDayComesOnceADay() throws {
        let zone = try #require(TimeZone(identifier: "Europe/Berlin"))
        let time = try #require(DailyTime("02:30", zone: zone))
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        // Over both days on which the clock is changed.
        var now = try #require(calendar.date(from: DateComponents(year: 2026, month: 3, day: 1, hour: 12)))
        for _ in 0..<300 {
            let next = time.next(after: now)
            #expect(next > now && next.timeIntervalSince(now) <= 25 * 3600 + 1)
            #expect(calendar.component(.day, from: next) != calendar.component(.day, from: now) || now < next)
            now = next
        }
        for bad in ["3:00", "24:00", "03:60", "0300", "", "03:00:00", "-1:00"] {
            #expect(DailyTime(bad, zone: zone) == nil)
        }
    }

    private static func service(
        _ site: Site, interval: Duration = .milliseconds(50),
        open: @escaping @Sendable () async throws(BackupError) -> BackupRepository
    ) -> BackupService {
        var settings = BackupService.Settings(
            roots: [BackupRoot(name: "data", path: site.data)], data: site.data,
            owner: "test", snapshotAt: DailyTime("03:00", zone: .gmt)!)
        settings.interval = interval
        return BackupService(
            place: "memory", settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, open: open)
    }

    /// Runs it as a server does, and tells it to stop after `body`.
    private static func run(_ service: BackupService, _ body: @escaping @Sendable () async throws -> Void) async throws
    {
        let group = ServiceGroup(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            do { try await body() } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private static func becomes(_ isSo: () -> Bool) async -> Bool {
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end {
            if isSo() { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }

    @Test func whatIsWrittenJustBeforeTheEndIsInIt() async throws {
        let site = try Site()
        let repository = try await site.create()
        let pool = try site.pool("usage.db")
        try await pool.write { try $0.execute(sql: "CREATE TABLE t (id INTEGER PRIMARY KEY)") }
        // So seldom that no tick comes.
        let service = Self.service(site, interval: .seconds(3600)) { () throws(BackupError) in repository }
        try await Self.run(service) {
            #expect(await Self.becomes { service.state.safeUntil != nil })
            try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (7)") }
        }
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        await #expect(throws: BackupError.ended) { try await service.snapshot() }
    }

    @Test func pointsComeByThemselvesAndSnapshotsWhenAsked() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        let service = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(service) {
            #expect(await Self.becomes { service.state.safeUntil != nil })
            try site.write("two".utf8, "b.txt")
            #expect(await Self.becomes { service.state.points == 1 })
            let report = try await service.snapshot()
            #expect(report.point == nil && report.files == 2)
            #expect(service.state.snapshot == report.snapshot && service.state.points == 0)
        }
        #expect(try await repository.snapshots().count == 2)
    }

    @Test func aPlaceThatIsAwayIsTriedAgain() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        let isAway = Mutex(true)
        let service = Self.service(site) { () throws(BackupError) in
            if isAway.withLock({ $0 }) { throw .storage(.noPlace("memory")) }
            return repository
        }
        try await Self.run(service) {
            #expect(await Self.becomes { service.state.failures > 2 })
            #expect(service.state.safeUntil == nil && service.state.problems.count == 1)
            isAway.withLock { $0 = false }
            #expect(await Self.becomes { service.state.safeUntil != nil })
            #expect(service.state.problems.isEmpty)
        }
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// As while `hadal restart` lets two servers run.
    @Test func twoOnOneDirectoryTakeTurns() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        let (first, second) = (
            Self.service(site) { () throws(BackupError) in repository },
            Self.service(site) { () throws(BackupError) in repository }
        )
        try await Self.run(first) {
            #expect(await Self.becomes { first.state.safeUntil != nil })
            // It ends, told to stop, though it never had its turn.
            try await Self.run(second) { #expect(await Self.becomes { second.state.isWaiting }) }
            #expect(second.state.safeUntil == nil)
        }
        let third = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(third) { #expect(await Self.becomes { third.state.safeUntil != nil }) }
    }

    /// As when another process has taken this one's place, which goes on with its answers.
    @Test func whoGivesItAwayWritesWhatIsNewAndGoesOn() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        let old = Self.service(site, interval: .seconds(3600)) { () throws(BackupError) in repository }
        let new = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(old) {
            #expect(await Self.becomes { old.state.safeUntil != nil })
            try await Self.run(new) {
                #expect(await Self.becomes { new.state.isWaiting })
                try site.write("two".utf8, "b.txt")
                old.giveAway()
                #expect(await Self.becomes { new.state.safeUntil != nil })
            }
            #expect(old.state.points == 1)
        }
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    @Test func aDamagedDatabaseIsToldAndWhatIsSafeStandsStill() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("fine".utf8, "a.txt")
        let service = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(service) {
            #expect(await Self.becomes { service.state.safeUntil != nil })
            try site.write(String(repeating: "no database ", count: 500).utf8, "broken.db")
            #expect(await Self.becomes { service.state.problems.contains { $0.contains("broken.db") } })
            let safe = service.state.safeUntil
            try site.write("more".utf8, "b.txt")
            #expect(await Self.becomes { service.state.points > 0 })
            // Also when nothing changes any more: each point asks who the owner is.
            let asked = site.storage.gets("owner")
            #expect(await Self.becomes { site.storage.gets("owner") > asked + 5 })
            #expect(service.state.safeUntil == safe && service.state.problems.count == 1)
            try FileManager.default.removeItem(atPath: site.data + "/broken.db")
            #expect(await Self.becomes { service.state.problems.isEmpty })
        }
    }

    /// A snapshot that takes long, as its beginning is made to here.
    @Test func pointsGoOnWhileASnapshotIsPrepared() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        _ = try await site.writer(repository).snapshot()
        let gate = site.storage.closeGate()
        let service = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(service) {
            #expect(await Self.becomes { service.state.safeUntil != nil })
            async let asked = service.snapshot()
            for number in 1...3 {
                try site.write(String(repeating: "x", count: number).utf8, "b.txt")
                #expect(await Self.becomes { service.state.points == number })
            }
            #expect(try await repository.snapshots().count == 1)
            gate.finish()
            #expect(try await asked.files == 2)
            #expect(await Self.becomes { service.state.points == 0 })
        }
        #expect(try await repository.snapshots().count == 2)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// Told to stop while the first snapshot is written: it breaks off, and no other is begun.
    @Test func aFirstSnapshotBreaksOffAtTheEnd() async throws {
        let site = try Site()
        let repository = try await site.create()
        var bytes = Data(count: 100 * BackupRepository.chunkBytes)
        for index in 0..<100 { bytes[index * BackupRepository.chunkBytes] = UInt8(index) }
        try site.write(bytes, "a.bin")
        let service = Self.service(site) { () throws(BackupError) in repository }
        let puts = Mutex(0)
        site.storage.beforePut.withLock {
            $0 = { _ in
                puts.withLock { $0 += 1 }
                service.giveAway()
            }
        }
        try await Self.run(service) { #expect(await Self.becomes { puts.withLock { $0 } > 0 }) }
        #expect(try await repository.snapshots().isEmpty)
        #expect(puts.withLock { $0 } <= 16)
    }

    @Test func oldBackupsAreClearedAwayAfterASnapshot() async throws {
        let site = try Site()
        let repository = try await site.create()
        site.clock.withLock { $0 = Date().timeIntervalSince1970 - 1000 * 86400 }
        let writer = try site.writer(repository)
        for number in 0..<5 {
            try site.write("\(number)".utf8, "a.txt")
            _ = try await writer.snapshot()
            site.pass(60)
        }
        site.storage.age(by: 1000 * 86400)
        let chunks = site.storage.names.count { $0.hasPrefix("chunks/") }
        let service = Self.service(site) { () throws(BackupError) in repository }
        try await Self.run(service) {
            #expect(await Self.becomes { site.storage.names.count { $0.hasPrefix("chunks/") } < chunks - 2 })
        }
        #expect(try await repository.snapshots().count < 4)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }
}
