import Foundation
import HadalObjects
import HadalStore
import TestSupport
import Testing

@testable import HadalReplicas

/// SIGKILL to a process, at each piece that it copies.
@Suite(.timeLimit(.minutes(15)))
struct KillTests {
    /// - Returns: how often it was killed until it came to its end.
    private static func run(_ task: String, _ store: String, _ place: String, check: () async throws -> Void)
        async throws -> Int
    {
        for piece in 1...200 {
            let status = try await Victim().run("ReplicaProbe", [task, store, place, "\(piece)"])
            try await check()
            if status == 0 { return piece - 1 }
            try #require(status == nil)
        }
        return 0
    }

    @Test func aReplicaNeverHasAModelWithoutItsFiles() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        for seed in 1...3 { try site.addModel("deepseek-ai/Tiny-\(seed)", seed: UInt64(seed * 10)) }
        let kills = try await Self.run("replicate", site.store.directory, replica.place) {
            let found = await ReplicaCheck(store: site.store, replicas: [replica], mends: false).run()
            #expect(found.findings.isEmpty && found.problems.isEmpty)
        }
        #expect(kills >= 3)
        #expect(try await replica.ids().count == 3)
    }

    /// With small pieces: what was sent before it was killed is not sent again.
    @Test func aSealedCopyGoesOnWithTheNextPiece() async throws {
        let site = try ReplicaSite()
        let model = try site.addModel()
        let replica = try await site.replica("one", .directory, CopyForm(compression: 3, isEncrypted: true))
        let arguments = ["seal", site.store.directory, replica.place, site.folder.file("master.key")]
        // Each is killed with the second piece that it hears of; the first is what lay there already.
        var counts: [Int] = []
        for piece in 1...20 {
            let status = try await Victim().run("ReplicaProbe", arguments + ["\(piece)"])
            let found = await ReplicaCheck(store: site.store, replicas: [replica], mends: false).run()
            #expect(found.findings.isEmpty && found.problems.isEmpty)
            counts.append(try await replica.objects(of: model.weights).count)
            if status == 0 { break }
            try #require(status == nil)
        }
        #expect(counts == counts.sorted() && counts.last == 3 && counts.count > 2)
        #expect(try await replica.manifest(id: model.id) == model)
        #expect(try await replica.problem(with: model.weights) { _ in } == nil)
        try Harm.missing.happen(to: site.store.blob(model.weights.digest))
        _ = try await Healing(store: site.store, replicas: [replica]).heal(model.weights)
        #expect(try site.isWhole(model))
    }

    @Test func aFetchGoesOnWhereItWasKilled() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.add("deepseek-ai/Large", ["model.safetensors": ReplicaSite.bytes(70_000_000, seed: 3)])
        _ = try await site.replicate([replica])
        let store = ModelStore(directory: site.folder.file("new"))
        let partial = store.directory + "/partial/\(model.weights.digest)"
        // It kills itself after 40 MB; what is recorded comes every 16 MiB.
        #expect(try await Victim().run("ReplicaProbe", ["fetch", store.directory, replica.place, "40"]) == nil)
        #expect(try store.manifests().isEmpty)
        #expect(PartialFile.doneBytes(partial, size: model.byteCount) >= 32_000_000)
        #expect(try await Victim().run("ReplicaProbe", ["fetch", store.directory, replica.place, "1000"]) == 0)
        #expect(try store.manifests() == [model])
        var known: [BlobDigest: String?] = [:]
        #expect(try store.verify(model, known: &known).isEmpty)
    }

    @Test func aFileIsMendedAsAWholeOrNotAtAll() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        #expect(try !site.isWhole(model))
        let kills = try await Self.run("heal", site.store.directory, replica.place) {
            let damage = try site.store.verify(model.weights)
            #expect(damage == nil || damage!.contains("SHA-256"))
        }
        #expect(kills >= 2)
        #expect(try site.isWhole(model))
    }
}
