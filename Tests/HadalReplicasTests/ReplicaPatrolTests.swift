import Foundation
import HadalObjects
import HadalStore
import Logging
import Synchronization
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct ReplicaPatrolTests {
    private static func patrol(
        _ site: ReplicaSite, _ replicas: [Replica], from start: Date, until end: Date, away: String? = nil,
        copies: Int = 3, rate: Int64 = 1 << 30, lists: Bool = false
    ) -> (patrol: ReplicaPatrol, clock: PatrolTests.VirtualClock) {
        let virtual = PatrolTests.VirtualClock(start, until: end)
        let storages = Dictionary(uniqueKeysWithValues: replicas.map { ($0.place, $0.storage) })
        let places = ReplicaPlaces(replicas.map(\.place) + [away].compactMap { $0 }) { place throws(ObjectError) in
            guard let storage = storages[place] else { throw .noPlace(place) }
            return storage
        }
        var settings = ReplicaPatrol.Settings(
            schedule: PatrolTests.schedule, bytesPerSecond: rate, copies: copies)
        settings.listsBuckets = lists
        return (
            ReplicaPatrol(
                store: site.store, places: places, settings, clock: virtual.clock, logger: Logger(label: "patrol")),
            virtual
        )
    }

    private static func run(_ patrol: ReplicaPatrol) async throws {
        await #expect(throws: CancellationError.self) { try await patrol.follow() }
    }

    private static let (begin, end) = (PatrolTests.at(100), PatrolTests.at(101))

    @Test(arguments: Harm.allCases, ReplicaSite.Kind.allCases)
    func whatIsDamagedInAReplicaIsMended(harm: Harm, kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one", kind), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        try await harm.happen(to: model.weights, at: replicas[0])
        // Also where this machine has it not.
        try Harm.missing.happen(to: site.store.blob(model.weights.digest))
        let (patrol, _) = Self.patrol(site, replicas, from: Self.begin, until: Self.end)
        try await Self.run(patrol)
        let check = await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run()
        #expect(check.findings.isEmpty && check.problems.isEmpty)
        #expect(patrol.state.damagedFiles == 0 && patrol.state.placesAway == 0 && patrol.state.shortModels == 0)
        #expect(try #require(patrol.state.verifiedUntil) >= PatrolTests.at(100, 3))
        #expect(patrol.state.nextRound == PatrolTests.at(107, 3))
    }

    @Test func bytesAreReadAtTheirPace() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let (patrol, clock) = Self.patrol(
            site, [replica], from: PatrolTests.at(100, 2.999), until: PatrolTests.at(100, 12), rate: 1000)
        try await Self.run(patrol)
        let record = try #require(PatrolRecord.read(site.store.path("replica-patrol.json")))
        let seconds = Double(model.byteCount) / 1000
        let took = try #require(record.looks[replica.place]?.time.timeIntervalSince(PatrolTests.at(100, 3)))
        #expect(took >= seconds - 2 && took < seconds + 60, "\(took) of \(seconds), \(clock.paused)")
    }

    @Test func whatCannotBeMendedIsCountedAlsoAfterARestart() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try await Harm.flippedBit.happen(to: model.weights, at: replica)
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let (first, _) = Self.patrol(site, [replica], from: Self.begin, until: Self.end)
        try await Self.run(first)
        #expect(first.state.damagedFiles == 1)
        let (second, _) = Self.patrol(site, [replica], from: Self.end, until: PatrolTests.at(102))
        try await Self.run(second)
        #expect(second.state.damagedFiles == 1 && second.state.nextRound == PatrolTests.at(107, 3))
        // It is whole here again.
        try ReplicaSite.bytes(3_000_000, seed: 2).write(
            to: URL(fileURLWithPath: site.store.blob(model.weights.digest)))
        #expect(try site.isWhole(model))
        let (third, _) = Self.patrol(site, [replica], from: PatrolTests.at(106), until: PatrolTests.at(108))
        try await Self.run(third)
        #expect(third.state.damagedFiles == 0)
        #expect(try await replica.problem(with: model.weights) { _ in } == nil)
    }

    @Test func aPlaceThatIsAwayIsTriedAgainAndTheRestIsNotReadTwice() async throws {
        let site = try ReplicaSite()
        let (here, away) = (try site.replica("here"), try site.replica("away"))
        let model = try site.addModel()
        _ = try await site.replicate([here, away])
        let (first, _) = Self.patrol(
            site, [here], from: Self.begin, until: PatrolTests.at(100, 20), away: away.place)
        try await Self.run(first)
        #expect(first.state.placesAway == 1 && first.state.verifiedUntil == nil && first.state.nextRound == nil)
        let record = try #require(PatrolRecord.read(site.store.path("replica-patrol.json")))
        let look = try #require(record.looks["\(model.weights.digest.hex) \(here.place)"])
        #expect(record.isRunning && look.time < PatrolTests.at(100, 4))
        let (second, _) = Self.patrol(
            site, [here, away], from: PatrolTests.at(100, 20), until: PatrolTests.at(101))
        try await Self.run(second)
        #expect(second.state.placesAway == 0 && second.state.verifiedUntil != nil)
        let after = try #require(PatrolRecord.read(site.store.path("replica-patrol.json")))
        #expect(!after.isRunning && after.looks["\(model.weights.digest.hex) \(here.place)"] == look)
    }

    @Test func aPlaceThatLacksModelsGetsThem() async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one"), try site.replica("new")]
        let model = try site.addModel()
        _ = try await site.replicate([replicas[0]])
        let (patrol, _) = Self.patrol(site, replicas, from: Self.begin, until: Self.end)
        try await Self.run(patrol)
        #expect(try await replicas[1].ids() == [model.id])
        #expect(patrol.state.shortModels == 0)
    }

    @Test func aBucketIsOnlyListedWhereThatIsWanted() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("bucket", .bucket)
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try await Harm.flippedBit.happen(to: model.weights, at: replica)
        let config = model.files.first { $0.path.text == "config.json" }!
        try await Harm.missing.happen(to: config, at: replica)
        let (patrol, _) = Self.patrol(site, [replica], from: Self.begin, until: Self.end, lists: true)
        try await Self.run(patrol)
        // What is not there is sent; other bytes of the same length are not noticed.
        #expect(try await replica.problem(with: config) { _ in } == nil)
        #expect(try await replica.problem(with: model.weights) { _ in } != nil)
    }
}
