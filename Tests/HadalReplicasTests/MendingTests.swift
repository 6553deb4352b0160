import Foundation
import HadalObjects
import HadalStore
import Synchronization
import TestSupport
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct MendingTests {
    @Test(arguments: Harm.allCases, ReplicaSite.Kind.allCases)
    func whatIsDamagedHereIsMended(harm: Harm, kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let (bad, good) = (try site.replica("bad"), try site.replica("good", kind))
        let model = try site.addModel()
        _ = try await site.replicate([bad, good])
        try harm.happen(to: site.store.blob(model.weights.digest))
        try await harm.happen(to: model.weights, at: bad)
        #expect(try !site.isWhole(model))
        let healing = Healing(store: site.store, replicas: [bad, good])
        #expect(try await healing.heal(model.weights) == good.place)
        #expect(try site.isWhole(model))
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.store.directory + "/partial").isEmpty)
    }

    @Test func withoutAWholeCopyNothingChanges() async throws {
        let site = try ReplicaSite()
        let (bad, away) = (try site.replica("bad"), try site.replica("away"))
        let model = try site.addModel()
        _ = try await site.replicate([bad, away])
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let before = try Data(contentsOf: URL(fileURLWithPath: site.store.blob(model.weights.digest)))
        try await Harm.another.happen(to: model.weights, at: bad)
        try FileManager.default.removeItem(atPath: away.place)
        for replicas in [[bad, away], [away, bad], [bad], []] {
            let error = await #expect(throws: ReplicaError.self) {
                _ = try await Healing(store: site.store, replicas: replicas).heal(model.weights)
            }
            for replica in replicas { #expect("\(error!)".contains(replica.place)) }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: site.store.blob(model.weights.digest))) == before)
    }

    @Test func aDiskThatIsFullHereIsNotThePlacesFault() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try Harm.missing.happen(to: site.store.blob(model.weights.digest))
        let healing = Healing(store: site.store, replicas: [replica], freeSpace: FreeSpace { _ in 1000 })
        await #expect(throws: StoreError.self) { _ = try await healing.heal(model.weights) }
    }

    @Test(arguments: Harm.allCases, ReplicaSite.Kind.allCases)
    func aReplicaIsMendedFromHereOrFromAnother(harm: Harm, kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one", kind), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        for isHere in [true, false] {
            try await harm.happen(to: model.weights, at: replicas[0])
            let found = await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run()
            #expect(found.findings.map(\.path) == [model.weights.path] && found.problems.isEmpty)
            #expect(found.findings[0].place == replicas[0].place && !found.findings[0].isMended)
            // The last one finds the file neither here nor whole in a model of this store.
            if !isHere { _ = try site.store.remove(model) }
            let mended = await ReplicaCheck(store: site.store, replicas: replicas, mends: true).run()
            #expect(mended.findings.map(\.isMended) == [true], "\(mended)")
            let after = await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run()
            #expect(after.findings.isEmpty && after.problems.isEmpty)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: site.store.directory + "/partial").isEmpty)
    }

    @Test func aReplicaThatIsDamagedLikeAllOthersIsSaid() async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one"), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        for replica in replicas { try await Harm.flippedBit.happen(to: model.weights, at: replica) }
        // Not yet known.
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let found = await ReplicaCheck(store: site.store, replicas: replicas, mends: true).run()
        #expect(found.findings.count == 2 && found.findings.allSatisfy { !$0.isMended && $0.obstacle != nil })
        #expect(try site.store.isDamaged(model))
        try FileManager.default.removeItem(atPath: replicas[0].place)
        #expect(await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run().problems.count == 1)
    }

    @Test func aManifestIsMendedToo() async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one"), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        let name = try ObjectName("manifests/\(model.id).json")
        for isHere in [true, false] {
            if !isHere { _ = try site.store.remove(model) }
            try await replicas[0].storage.put(name, Data("{}".utf8))
            let found = await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run()
            #expect(found.findings.map(\.path) == [nil])
            let mended = await ReplicaCheck(store: site.store, replicas: replicas, mends: true).run()
            #expect(mended.findings.map(\.isMended) == [true])
            #expect(try await replicas[0].manifest(id: model.id) == model)
        }
    }

    @Test func aManifestHereIsMendedByOneOfTheSameFiles() async throws {
        let site = try ReplicaSite()
        let (forged, good) = (try site.replica("forged"), try site.replica("good"))
        let model = try site.addModel()
        _ = try await site.replicate([good])
        let other = try ReplicaSite()
        try other.addModel(seed: 77)
        _ = try await other.replicate([forged])
        let path = site.store.path("manifests", model.id + ".json")
        let newer = Data(#"{"format":99}"#.utf8)
        for text in [Data(), newer] {
            try text.write(to: URL(fileURLWithPath: path))
            let (id, problem) = try #require(try site.store.readable().problems.first)
            #expect(id == model.id)
            let error = await #expect(throws: (any Error).self) {
                _ = try await Healing(store: site.store, replicas: [forged]).heal(manifest: id, problem: problem)
            }
            #expect("\(error!)".contains(text == newer ? "newer hadal" : "other files"))
            let healing = Healing(store: site.store, replicas: [forged, good])
            if text == newer { continue }
            #expect(try await healing.heal(manifest: id, problem: problem) == good.place)
            #expect(try site.store.manifests() == [model] && site.isWhole(model))
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == newer)
    }

    @Test func whatIsInTooFewPlacesIsFound() async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one"), try site.replica("two")]
        let (first, second) = (try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9))
        _ = try await site.replicate(replicas)
        func check(_ copies: Int, _ only: Set<String>? = nil) async -> ReplicaCheck.Result {
            await ReplicaCheck(store: site.store, replicas: replicas, copies: copies, mends: false).run(only: only)
        }
        // A disk that was emptied.
        try FileManager.default.removeItem(atPath: replicas[0].place + "/manifests")
        let found = await check(3)
        #expect(found.readings.map(\.models) == [0, 2] && found.problems.isEmpty)
        #expect(Set(found.findings.map(\.model)) == [first.fullName, second.fullName])
        #expect(found.findings.allSatisfy { $0.problem.contains("in 1 of 2 replicas") && !$0.isMended })
        #expect(await check(9, [first.id]).findings.map(\.model) == [first.fullName])
        #expect(await check(2).findings.isEmpty)
        // Nothing is sent for it.
        #expect(try await site.replicate(replicas).map(\.sentBytes) == [0, 0])
        #expect(await check(3).findings.isEmpty)
        let away = PlaceProblem("/away", "is not there")
        let less = await ReplicaCheck(store: site.store, replicas: replicas, away: [away], copies: 4, mends: false)
            .run()
        #expect(less.problems == [away] && less.findings.count == 2)
    }

    @Test func aSectorThatCannotBeReadIsAFindingAndTheRestIsRead() async throws {
        let site = try ReplicaSite()
        let bad = BadSectors(try DirectoryStorage(site.folder.file("bad"), creating: true))
        let replica = Replica(bad)
        let (first, second) = (try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9))
        _ = try await site.replicate([replica])
        try await Harm.flippedBit.happen(to: second.weights, at: replica)
        bad.names.withLock { $0 = ["blobs/\(first.weights.digest)"] }
        let check = ReplicaCheck(store: site.store, replicas: [replica], mends: false)
        let found = await check.run()
        #expect(found.problems.isEmpty && found.findings.count == 2)
        #expect(found.findings.contains { $0.model == first.fullName && $0.problem.contains("Input/output error") })
        let mends = ReplicaCheck(store: site.store, replicas: [replica], mends: true)
        #expect(await mends.run().findings.map(\.isMended) == [true, true])
        #expect(await check.run().findings.isEmpty)

        bad.names.withLock { $0 = ["manifests/\(first.id).json"] }
        #expect(await check.run().findings.map(\.model) == [first.fullName])
        #expect(await mends.run().findings.map(\.isMended) == [true])
        #expect(await check.run().findings.isEmpty)

        // A place that is gone in the middle keeps what was found.
        try await Harm.flippedBit.happen(to: first.weights, at: replica)
        bad.isGone.withLock { $0 = true }
        let rest = await mends.run()
        #expect(rest.problems.map(\.place) == [replica.place] && rest.findings.map(\.path) == [first.weights.path])
        #expect(rest.findings[0].obstacle != nil)
    }

    @Test(arguments: ReplicaSite.Kind.allCases)
    func filesOfNoModelAreFoundAndRemoved(kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one", kind)
        let (first, second) = (try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9))
        _ = try await site.replicate([replica])
        // As a removal that was killed leaves it.
        let name = try ObjectName("manifests/\(first.id).json")
        try await replica.storage.delete(name)
        let (now, later) = (Date(), Date() + 8 * 86_400)
        func check(_ mends: Bool, at now: Date) async -> [ReplicaCheck.Finding] {
            await ReplicaCheck(store: site.store, replicas: [replica], mends: mends).run(now: now).findings
        }
        #expect(await check(true, at: now).isEmpty)
        let found = await check(false, at: later)
        // The empty file is the other's too.
        #expect(Set(found.map(\.model)) == Set(first.files.filter { $0.size > 0 }.map { "blobs/\($0.digest)" }))
        // What a manifest names that cannot be read is not known.
        try await replica.storage.put(name, Data("{".utf8))
        #expect(try await replica.fileCount() == 5)
        _ = try site.store.remove(first)
        #expect(await check(true, at: later).map(\.model) == [name.text])
        #expect(try await replica.fileCount() == 5)
        try await replica.storage.delete(name)
        #expect(await check(true, at: later).allSatisfy(\.isMended))
        #expect(try await replica.contents().others(than: second.files).isEmpty)
        #expect(try await replica.fileCount() == second.files.count)
    }

    @Test func aManifestDoesNotComeBeforeItsFiles() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let name = try ObjectName("manifests/\(model.id).json")
        try await replica.storage.put(name, Data("{}".utf8))
        try await Harm.missing.happen(to: model.weights, at: replica)
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let found = await ReplicaCheck(store: site.store, replicas: [replica], mends: true).run()
        #expect(found.findings.map(\.path) == [nil, model.weights.path])
        #expect(found.findings.allSatisfy { !$0.isMended && $0.obstacle != nil })
        #expect(try await replica.storage.get(name, limit: 10) == Data("{}".utf8))
    }
}
