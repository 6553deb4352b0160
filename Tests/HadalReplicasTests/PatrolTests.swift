import Foundation
import HadalStore
import Logging
import Synchronization
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct PatrolTests {
    private static let day: TimeInterval = 86_400

    /// 03:00 of each day.
    static let schedule = PatrolSchedule(every: .seconds(7 * day)) { time in
        let days = ((time.timeIntervalSince1970 - 10_800) / day).rounded(.down) + 1
        return Date(timeIntervalSince1970: days * day + 10_800)
    }

    static func at(_ days: Double, _ hours: Double = 0) -> Date {
        Date(timeIntervalSince1970: days * day + hours * 3600)
    }

    /// A clock that goes on only where somebody waits; it ends the patrol at a time.
    final class VirtualClock: Sendable {
        struct State {
            var now: Date
            var paused = Duration.zero
        }

        let state: Mutex<State>
        let end: Date

        init(_ now: Date, until end: Date) {
            state = Mutex(State(now: now))
            self.end = end
        }

        var paused: Duration { state.withLock { $0.paused } }

        var clock: PatrolClock {
            PatrolClock(
                now: { self.state.withLock { $0.now } },
                uptime: { .seconds(self.state.withLock { $0.now.timeIntervalSince1970 }) },
                sleep: { duration in
                    let now = self.go(on: duration)
                    if now >= self.end { throw CancellationError() }
                },
                pause: { duration in
                    self.state.withLock { $0.paused += duration }
                    _ = self.go(on: duration)
                })
        }

        private func go(on duration: Duration) -> Date {
            state.withLock { state in
                state.now += Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
                return state.now
            }
        }
    }

    private static func patrol(
        _ site: ReplicaSite, _ replicas: [Replica], _ clock: PatrolClock, rate: Int64 = 1 << 30
    ) -> Patrol {
        let places = Dictionary(uniqueKeysWithValues: replicas.map { ($0.place, $0.storage) })
        return Patrol(
            store: site.store, places: ReplicaPlaces(replicas.map(\.place)) { place in places[place]! },
            schedule: schedule, bytesPerSecond: rate, clock: clock, logger: Logger(label: "patrol"))
    }

    private static func run(_ patrol: Patrol) async throws {
        await #expect(throws: CancellationError.self) { try await patrol.follow() }
    }

    @Test func roundsKeepTheirTimeOfDay() {
        let schedule = Self.schedule
        #expect(schedule.next(nil, now: Self.at(100, 4)) == Self.at(101, 3))
        #expect(schedule.next(Self.at(101, 3), now: Self.at(101, 5)) == Self.at(101, 3))
        #expect(schedule.following(Self.at(101, 3), now: Self.at(101, 5)) == Self.at(108, 3))
        // However many were missed, one is caught up on.
        #expect(schedule.following(Self.at(101, 3), now: Self.at(130, 5)) == Self.at(137, 3))
        #expect(schedule.following(Self.at(101, 3), now: Self.at(130, 2)) == Self.at(136, 3))
        // The clock was set back.
        #expect(schedule.next(Self.at(300, 3), now: Self.at(100, 4)) == Self.at(101, 3))
    }

    @Test func bytesAreReadAtTheirPace() {
        var pace = ReadPace(bytesPerSecond: 1000)
        var now = Duration.seconds(50)
        for _ in 0..<100 {
            now += .milliseconds(100)
            now += pace.wait(after: 500, now: now)
        }
        #expect(now >= .seconds(50 + 50) && now < .seconds(50 + 51))
        // What was not read in an hour is not caught up on.
        now += .seconds(3600)
        #expect(pace.wait(after: 5000, now: now) == .seconds(4))
    }

    @Test func roundsComeWhenTheyAreDueAndAtTheirRate() async throws {
        let site = try ReplicaSite()
        let model = try site.addModel()
        let virtual = VirtualClock(Self.at(100, 4), until: Self.at(100, 23))
        let patrol = Self.patrol(site, [], virtual.clock, rate: 100_000)
        try await Self.run(patrol)
        #expect(patrol.state == PatrolState(verifiedUntil: nil, damagedFiles: 0, nextRound: Self.at(101, 3)))

        let night = VirtualClock(Self.at(100, 23), until: Self.at(101, 4))
        let second = Self.patrol(site, [], night.clock, rate: 100_000)
        try await Self.run(second)
        #expect(second.state.nextRound == Self.at(108, 3))
        #expect(try #require(second.state.verifiedUntil) >= Self.at(101, 3))
        let least = Duration.seconds(Double(model.byteCount) / 100_000)
        #expect(night.paused >= least - .seconds(1) && night.paused <= least + .seconds(1))
    }

    @Test(arguments: Harm.allCases) func whatIsDamagedIsMended(harm: Harm) async throws {
        let site = try ReplicaSite()
        let (bad, good) = (try site.replica("bad"), try site.replica("good"))
        let model = try site.addModel()
        _ = try await site.replicate([bad, good])
        try await Harm.flippedBit.happen(to: model.weights, at: bad)
        try harm.happen(to: site.store.blob(model.weights.digest))
        let virtual = VirtualClock(Self.at(100), until: Self.at(101))
        let patrol = Self.patrol(site, [bad, good], virtual.clock)
        try await patrol.run()
        #expect(try site.isWhole(model))
        #expect(patrol.state.damagedFiles == 0 && patrol.state.verifiedUntil != nil)
    }

    @Test func whatCannotBeMendedIsSaidUntilItIs() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try Harm.truncated.happen(to: site.store.blob(model.weights.digest))
        let first = Self.patrol(site, [], VirtualClock(Self.at(100), until: Self.at(101)).clock)
        try await Self.run(first)
        #expect(first.state.damagedFiles == 1)
        #expect(try site.store.isDamaged(model))
        // Also after a restart, before the next round.
        let second = Self.patrol(site, [replica], VirtualClock(Self.at(101), until: Self.at(102)).clock)
        try await Self.run(second)
        #expect(second.state.damagedFiles == 1)
        let third = Self.patrol(site, [replica], VirtualClock(Self.at(106), until: Self.at(108)).clock)
        try await Self.run(third)
        #expect(third.state.damagedFiles == 0)
        #expect(try site.isWhole(model))
    }

    @Test func whatSomebodyElseMendsIsNotDamagedAnyMore() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let first = Self.patrol(site, [], VirtualClock(Self.at(100), until: Self.at(101)).clock)
        try await Self.run(first)
        #expect(first.state.damagedFiles == 1)
        _ = try await Healing(store: site.store, replicas: [replica]).heal(model.weights)
        // Before the next round.
        let second = Self.patrol(site, [], VirtualClock(Self.at(101), until: Self.at(102)).clock)
        try await Self.run(second)
        #expect(second.state.damagedFiles == 0)
    }

    @Test func aManifestThatCannotBeReadIsCountedAndMended() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let path = site.store.path("manifests", model.id + ".json")
        try Data(count: 4096).write(to: URL(fileURLWithPath: path))
        let first = Self.patrol(site, [], VirtualClock(Self.at(100), until: Self.at(101)).clock)
        try await Self.run(first)
        #expect(first.state.damagedFiles == 1)
        let second = Self.patrol(site, [replica], VirtualClock(Self.at(106), until: Self.at(108)).clock)
        try await Self.run(second)
        #expect(second.state.damagedFiles == 0 && second.state.verifiedUntil != nil)
        #expect(try site.store.manifests() == [model] && site.isWhole(model))
    }

    @Test func aRoundGoesOnAfterARestart() async throws {
        let site = try ReplicaSite()
        for seed in 1...4 { try site.addModel("deepseek-ai/Tiny-\(seed)", seed: UInt64(10 * seed)) }
        let files = Set(try site.store.manifests().flatMap(\.files).map(\.digest)).count
        // Stopped in the middle: the clock's pauses end the process's task.
        let virtual = VirtualClock(Self.at(100), until: Self.at(101))
        let pauses = Mutex(0)
        let inner = virtual.clock
        let task = Mutex<Task<Void, any Error>?>(nil)
        let clock = PatrolClock(
            now: inner.now, uptime: inner.uptime, sleep: inner.sleep,
            pause: { duration in
                inner.pause(duration)
                let count = pauses.withLock { count in
                    count += 1
                    return count
                }
                if count == 4 { task.withLock { $0?.cancel() } }
            })
        let patrol = Self.patrol(site, [], clock)
        task.withLock { $0 = Task { try await patrol.follow() } }
        _ = await task.withLock { $0 }?.result
        let record = try #require(PatrolRecord.read(site.store.path("patrol.json")))
        #expect(record.isRunning && record.looks.count > 0 && record.looks.count < files)

        let next = Self.patrol(site, [], VirtualClock(Self.at(100, 20), until: Self.at(101)).clock)
        try await Self.run(next)
        let after = try #require(PatrolRecord.read(site.store.path("patrol.json")))
        #expect(!after.isRunning && after.round == record.round && after.looks.count == files)
        // What was verified before was not read again.
        for (digest, look) in record.looks { #expect(after.looks[digest] == look) }
    }

    @Test func aRecordThatCannotBeReadBeginsAnew() async throws {
        let site = try ReplicaSite()
        try site.addModel()
        let path = site.store.directory + "/patrol.json"
        for text in ["", "{", "[]", #"{"format":1,"round":-1,"isRunning":true,"files":{}}"#, #"{"format":9}"#] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            #expect(PatrolRecord.read(path) == nil)
        }
        var record = PatrolRecord()
        record.begin(next: Self.at(10))
        record.looks[try #require(site.store.manifests().first).weights.digest.hex] = .init(
            round: 1, time: Self.at(3, 1))
        try record.write(path)
        #expect(PatrolRecord.read(path) == record)
    }
}
