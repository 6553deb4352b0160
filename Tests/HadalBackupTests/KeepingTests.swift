import Foundation
import HadalObjects
import Synchronization
import TestSupport
import Testing

@testable import HadalBackup

@Suite(.timeLimit(.minutes(15)))
struct KeepingTests {
    private static let day = 86400.0

    private static func names(_ days: [Double], now: Date) -> [SnapshotName] {
        days.map { SnapshotName(now - $0 * day) }.sorted()
    }

    @Test func theLastOfEachDayWeekAndMonthStays() {
        // A Saturday, noon.
        let now = Date(timeIntervalSince1970: 1_795_867_200)
        let all = Self.names((0..<800).map { Double($0) / 2 }, now: now)
        let policy = RetentionPolicy(days: 10, weeks: 6, months: 5, pointDays: 3)
        let chosen = policy.choose(all, now: now)
        let kept = Set(all).subtracting(chosen.snapshots)
        // All of three days, then one a day, a week, a month.
        #expect(kept.filter { $0.time >= now - 3 * Self.day }.count == 7)
        #expect(kept.count >= 7 + 7 && kept.count <= 7 + 7 + 1 + 6 + 5, "\(kept.count)")
        #expect(kept.contains(all.last!))
        // October has the end of a week, and its own.
        let october = all.filter { "\($0)".hasPrefix("202610") }
        #expect(kept.intersection(october).count == 2 && kept.contains(october.last!))
        // Points of what came before the three days, but for the one that reaches into them.
        #expect(Set(chosen.points) == Set(all.filter { $0.time < now - 3.5 * Self.day }))
        // Once more changes nothing.
        let again = policy.choose(kept.sorted(), now: now)
        #expect(again.snapshots.isEmpty)
    }

    @Test func theLastOfADayThatLacksNothingStays() {
        let now = Date(timeIntervalSince1970: 1_795_867_200)
        let (whole, partial) = (
            SnapshotName(now - 5 * Self.day), SnapshotName(now - 5 * Self.day + 3600, isPartial: true)
        )
        let last = SnapshotName(now)
        let middle = SnapshotName(now - 2 * Self.day)
        let chosen = RetentionPolicy(days: 9, weeks: 0, months: 0, pointDays: 1)
            .choose([whole, partial, middle, last], now: now)
        #expect(chosen.snapshots == [partial])
    }

    @Test func theLastSnapshotStaysHoweverOldItIs() {
        let now = Date(timeIntervalSince1970: 1_795_867_200)
        let all = Self.names([900, 800, 700], now: now)
        let chosen = RetentionPolicy(days: 0, weeks: 0, months: 0, pointDays: 1).choose(all, now: now)
        #expect(chosen.snapshots == Array(all.dropLast()))
        #expect(chosen.points == Array(all.dropLast()))
    }

    @Test func chunksThatNothingHasAreClearedAway() async throws {
        var random = SplitMix(state: 9)
        let site = try Site()
        let repository = try await site.create()
        let writer = try site.writer(repository)
        var dumps: [(Date, Dump)] = []
        for day in 0..<20 {
            try site.write((0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }, "a.bin")
            try site.write("day \(day)".utf8, "b.txt")
            let report = try await writer.snapshot()
            dumps.append((report.time, try Dump(site.data)))
            site.pass(3600)
            try site.write("day \(day), later".utf8, "b.txt")
            _ = try await writer.point()
            site.pass(Self.day - 3600)
        }
        let now = site.now
        let policy = RetentionPolicy(days: 3, weeks: 1, months: 1, pointDays: 1)
        let before = site.storage.bytes
        // Chunks are young to the place's clock: who writes now may need them.
        var cleared = try await repository.clear(policy, now: now - 1_000_000_000)
        #expect(cleared.chunks == 0)
        site.storage.age(by: 2 * Self.day)
        cleared = try await repository.clear(policy, now: max(now, Date()))
        #expect(cleared.snapshots + cleared.chunks > 0)
        #expect(site.storage.bytes < before / 3)
        #expect(try await repository.check(reads: true).problems.isEmpty)
        let left = try await repository.snapshots()
        for (time, dump) in dumps where left.contains(where: { $0.time == time }) {
            #expect(try Dump(try await site.restore(repository, at: time)) == dump)
        }
        // Writing goes on, on what is there.
        try site.write("after".utf8, "c.txt")
        site.pass(60)
        _ = try await writer.point()
        _ = try await writer.snapshot()
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
        #expect(try await repository.check(reads: true).problems.isEmpty)
    }

    @Test func onlyTheOwnerClears() async throws {
        let site = try Site()
        let repository = try await site.create()
        try site.write("one".utf8, "a.txt")
        _ = try await site.writer(repository).snapshot()
        await #expect(throws: BackupError.takenOver(place: "memory")) {
            try await repository.clearing(RetentionPolicy(), owner: "another")
        }
    }

    /// Three days, of which the first goes; nothing is young.
    private static func threeDays(_ site: Site) async throws -> BackupRepository {
        let repository = try await site.create()
        // As the place's clock, which tells what is young.
        site.clock.withLock { $0 = Date().timeIntervalSince1970 - 3 * day }
        let writer = try site.writer(repository)
        for number in 0..<3 {
            try site.write("day \(number)".utf8, "a.txt")
            _ = try await writer.snapshot()
            site.pass(day)
        }
        site.storage.age(by: 2 * day)
        return repository
    }
    private static let policy = RetentionPolicy(days: 2, weeks: 0, months: 0, pointDays: 1)

    /// What does not open is told, and frees what nobody else needs.
    @Test func aDamagedSnapshotKeepsNothingFromBeingCleared() async throws {
        let site = try Site()
        let repository = try await Self.threeDays(site)
        let kept = try await repository.snapshots()[1]
        site.storage.change(kept.object) { $0[30] ^= 1 }
        let cleared = try await repository.clear(Self.policy, now: Date())
        #expect(cleared.snapshots == 1 && cleared.chunks == 2)
        #expect(cleared.problems.count == 1 && cleared.problems[0].contains("\(kept)"), "\(cleared.problems)")
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// Between what was found and its removal, somebody needed it again.
    @Test func whatIsStoredAnewIsNotCleared() async throws {
        let site = try Site()
        let repository = try await Self.threeDays(site)
        var clearing = try await repository.clearing(Self.policy, owner: "test")
        try site.write("day 0".utf8, "again.txt")
        _ = try await site.writer(repository).point()
        while try await clearing.step() {}
        #expect(clearing.snapshots == 1)
        #expect(try await repository.check(reads: true).problems.isEmpty)
        #expect(try Dump(try await site.restore(repository)) == Dump(site.data))
    }

    /// What was cleared away is not missed; what somebody else took away is.
    @Test func whatWasTakenAwayIsNoticed() async throws {
        let site = try Site()
        let repository = try await site.create()
        site.clock.withLock { $0 = Date().timeIntervalSince1970 - 180 * Self.day }
        let writer = try site.writer(repository)
        for number in 0..<9 {
            _ = try await writer.snapshot()
            for point in 1...3 {
                site.pass(60)
                try site.write("\(number) \(point)".utf8, "a.txt")
                _ = try await writer.point()
            }
            site.pass(20 * Self.day - 180)
        }
        #expect(try await repository.check(reads: false).problems.isEmpty)
        _ = try await repository.clear(RetentionPolicy(days: 2, weeks: 0, months: 9, pointDays: 2), now: Date())
        let names = try await repository.snapshots()
        // Some whose successor is gone.
        #expect(names.count >= 4 && names.count < 9)
        #expect(try await repository.check(reads: false).problems.isEmpty)
        for name in names.dropLast() {
            let points = try await repository.points(of: name)
            for object in [name.object] + points.suffix(1).map(\.object) {
                var lost = Data()
                site.storage.change(object) { lost = $0 }
                site.storage.remove(object)
                let problems = try await repository.check(reads: false).problems
                #expect(problems.count == 1 && problems[0].contains("\(name)"), "\(problems)")
                try await site.storage.put(ObjectName(object), lost)
            }
        }
    }

    /// The end is known to the machine alone.
    @Test func anEndThatWasTakenAwayIsNoticedWithTheMachinesHelp() async throws {
        let site = try Site()
        let repository = try await site.create()
        var settings = BackupWriter.Settings(
            roots: [BackupRoot(name: "data", path: site.data)], scratch: site.directory.file("scratch"), owner: "test")
        settings.head = site.data
        let writer = try BackupWriter(repository, settings)
        let first = try await writer.snapshot().snapshot
        for number in 1...3 {
            try site.write("\(number)".utf8, "a.txt")
            _ = try await writer.point()
        }
        // It is no part of what is backed up.
        #expect(try await writer.point().report == nil)
        let head = try #require(BackupHead(in: site.data))
        #expect(try await repository.check(reads: false, head: head).problems.isEmpty)
        site.storage.remove(try #require(try await repository.points(of: first).last).object)
        #expect(try await repository.check(reads: false).problems.isEmpty)
        #expect(try await repository.check(reads: false, head: head).problems.count == 1)
        // Told when the server starts, until there is a new snapshot.
        let other = try BackupWriter(repository, settings)
        try await other.goOn()
        #expect(await other.lostEnd?.contains("last 1") == true)
        _ = try await other.snapshot()
        #expect(await other.lostEnd == nil)
        // That of another backup says nothing.
        try await repository.take(over: "another")
        #expect(try await repository.check(reads: false, head: BackupHead(owner: "test", head.link)).problems.isEmpty)
    }
}
