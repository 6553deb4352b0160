import Foundation
import HadalObjects
import HadalStore
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
