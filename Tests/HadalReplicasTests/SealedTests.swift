import Foundation
import HadalObjects
import HadalSecrets
import HadalStore
import TestSupport
import Testing

@testable import HadalReplicas

/// Copies that are packed, sealed, or both.
@Suite(.timeLimit(.minutes(15)))
struct SealedTests {
    static let forms = [
        CopyForm(compression: 3), CopyForm(isEncrypted: true), CopyForm(compression: 3, isEncrypted: true),
    ]
    private static let sealed = CopyForm(compression: 3, isEncrypted: true)

    /// Weights as of BF16: half of the bytes nearly always the same.
    private static func weights(_ count: Int) -> Data {
        Data(ReplicaSite.bytes(count, seed: 5).enumerated().map { $0.offset % 2 == 0 ? $0.element : 0x3F })
    }

    @Test(arguments: forms, ReplicaSite.Kind.allCases)
    func whatIsCopiedComesBack(form: CopyForm, kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", kind, form)
        let model = try site.add(
            "deepseek-ai/Packed",
            [
                "tokenizer.json": Data(String(repeating: #"{"token":"deep"},"#, count: 9000).utf8),
                "model.safetensors": Self.weights(2_500_001), "random.bin": ReplicaSite.bytes(1 << 20, seed: 3),
                "LICENSE": Data(),
            ])
        #expect(try await site.replicate([replica]).map(\.sentBytes) == [model.byteCount])
        #expect(try await site.replicate([replica]).map(\.sentBytes) == [0])
        let check = await ReplicaCheck(store: site.store, replicas: [replica], copies: 2, mends: false).run()
        #expect(check.findings.isEmpty && check.problems.isEmpty)
        #expect(check.readings.map(\.bytes) == [model.byteCount])

        var stored: [String: Int64] = [:]
        for file in model.files {
            stored[file.path.text] = try await replica.objects(of: file).reduce(0) { $0 + $1.size }
        }
        let overhead = Int64(Packing.overhead + (form.isEncrypted ? Seal.overhead : 0))
        #expect(stored["random.bin"] == 1 << 20 + overhead)
        #expect(stored["LICENSE"] == overhead)
        #expect((stored["tokenizer.json"]! < 5000) == (form.compression != nil))
        #expect((stored["model.safetensors"]! < 2_000_000) == (form.compression != nil))

        // To a new machine, which has nothing but the key service.
        let again = try await site.reopened(replica.storage, .plain)
        let store = ModelStore(directory: site.folder.file("new"))
        let retrieval = Retrieval(store: store, replicas: [again])
        try await retrieval.run(try await retrieval.find(["deepseek-ai/Packed"]).manifests)
        #expect(try store.manifests() == [model])
        var known: [BlobDigest: String?] = [:]
        #expect(try store.verify(model, known: &known).isEmpty)

        #expect(try await again.remove(model) == stored.values.reduce(0, +))
        #expect(try await again.ids().isEmpty)
        #expect(try await again.fileCount() == 0)
    }

    @Test func anEncryptedStoreGoesToEncryptedPlacesOnly() async throws {
        let site = try ReplicaSite()
        let model = try site.addModel()
        let service = try site.service()
        let keys = try await DataKeys.create(in: site.folder.path, service: service)
        let store = site.store.opened(with: keys, encrypts: true)
        #expect(try store.encrypt(model) == model.byteCount)
        let sealed = try await site.replica("sealed", .directory, Self.sealed)
        let open = [
            try site.replica("plain"), try await site.replica("packed", .directory, CopyForm(compression: 3)),
        ]
        let results = await Replication(store: store, replicas: open + [sealed], copies: 4).run([model])
        #expect(results.map(\.places) == [[sealed.place]])
        #expect(results[0].problems.count == 2, "\(results[0].problems)")
        for place in open { #expect(try await place.storage.list("").isEmpty) }
        // Whoever has no keys sends nothing.
        let keyless = await Replication(store: site.store, replicas: [sealed], copies: 2).run([model])
        #expect(keyless[0].isEnough)
        _ = try await sealed.remove(model)
        let failed = await Replication(store: site.store, replicas: [sealed], copies: 2).run([model])
        #expect(!failed[0].isEnough && failed[0].problems.map(\.place) == [site.store.directory])
        #expect(await Replication(store: store, replicas: [sealed], copies: 2).run([model])[0].isEnough)

        // A file is damaged here: nothing of it goes anywhere, and it comes back, encrypted.
        _ = try await sealed.remove(model)
        _ = await Replication(store: store, replicas: [sealed], copies: 2).run([model])
        try Harm.flippedBit.happen(to: store.blob(model.weights.digest))
        let other = try await site.replica("other", .directory, Self.sealed)
        let damaged = await Replication(store: store, replicas: [other], copies: 2).run([model])
        #expect(damaged[0].problems.map(\.place) == [store.directory], "\(damaged[0].problems)")
        #expect(try store.isDamaged(model))
        _ = try await Healing(store: store, replicas: [sealed]).heal(model.weights)
        #expect(try EncryptedFile.isEncrypted(store.blob(model.weights.digest)) && !store.isDamaged(model))
        var known: [BlobDigest: String?] = [:]
        #expect(try store.verify(model, known: &known).isEmpty)

        // To a new machine whose store is encrypted too.
        let new = ModelStore(directory: site.folder.file("new")).opened(with: keys, encrypts: true)
        let retrieval = Retrieval(store: new, replicas: [sealed])
        try await retrieval.run(try await retrieval.find([model.name]).manifests)
        known = [:]
        #expect(try new.isEncrypted(model) && new.verify(model, known: &known).isEmpty)
    }

    @Test func namesAndBytesTellNothing() async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", .directory, Self.sealed)
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let objects = try await replica.storage.list("")
        let told = [model.id, "Tiny", "deepseek"] + model.files.map(\.digest.hex)
        for object in objects {
            #expect(!told.contains { object.name.text.contains($0) }, "\(object.name)")
            let bytes = try await replica.storage.get(object.name, limit: 1 << 24)
            #expect(!told.contains { bytes.range(of: Data($0.utf8)) != nil }, "\(object.name)")
        }
        // Two places name the same file differently.
        let other = try await site.replica("two", .directory, Self.sealed)
        _ = try await site.replicate([other])
        let names = Set(objects.map(\.name)).intersection(try await other.storage.list("").map(\.name))
        #expect(names.isEmpty)
    }

    @Test(arguments: forms, Harm.allCases)
    func whatIsDamagedIsFoundAndMended(form: CopyForm, harm: Harm) async throws {
        let site = try ReplicaSite()
        let replicas = [try await site.replica("one", .directory, form), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        for isHere in [true, false] {
            let before = try await replicas[0].objects(of: model.weights)
            try await harm.happen(to: model.weights, at: replicas[0])
            // The file here comes from the other place.
            if isHere {
                try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
                let healing = Healing(store: site.store, replicas: replicas)
                #expect(try await healing.heal(model.weights) == replicas[1].place)
            }
            let found = await ReplicaCheck(store: site.store, replicas: replicas, mends: false).run()
            #expect(found.findings.map(\.path) == [model.weights.path] && found.problems.isEmpty)
            if !isHere { _ = try site.store.remove(model) }
            let mended = await ReplicaCheck(store: site.store, replicas: replicas, mends: true).run()
            #expect(mended.findings.map(\.isMended) == [true], "\(mended)")
            #expect(try await replicas[0].problem(with: model.weights) { _ in } == nil)
            // Only the piece that was damaged is written anew.
            let same = Set(before).intersection(try await replicas[0].objects(of: model.weights))
            #expect(same.count == before.count - 1)
        }
    }

    @Test func piecesAreNotTakenForOneAnother() async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", .directory, CopyForm(isEncrypted: true))
        let (model, other) = (try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9))
        _ = try await site.replicate([replica])
        let names = try await replica.objects(of: model.weights).map(\.name).sorted()
        let foreign = try await replica.objects(of: other.weights).map(\.name).sorted()
        for (one, two) in [(names[0], names[1]), (names[1], foreign[1])] {
            let (first, second) = (
                try await replica.storage.get(one, limit: 1 << 24), try await replica.storage.get(two, limit: 1 << 24)
            )
            try await replica.storage.put(one, second)
            let problem = try #require(try await replica.problem(with: model.weights) { _ in })
            #expect(problem.contains("put in another one's place") && problem.contains(one.text))
            try await replica.storage.put(one, first)
            #expect(try await replica.problem(with: model.weights) { _ in } == nil)
        }
    }

    @Test func aRotatedMasterKeyOpensAndAnotherDoesNot() async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", .directory, Self.sealed)
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let service = try site.service()
        _ = try service.rotate()
        #expect(try await site.reopened(replica.storage, .plain).ids() == [model.id])

        // Another master key; and nobody who keeps one.
        let place = replica.place
        for (keys, told) in [("other.key", "does not open with the key service"), (nil, "configure 'secrets:'")] {
            let places = ReplicaPlaces([place], forms: [place: Self.sealed]) { place throws(ObjectError) in
                try ObjectPlace(place).storage()
            } keys: {
                guard let keys else { throw ReplicaError.noKeyService }
                return try site.service(keys)
            }
            let (opened, problems) = await places.opened(for: site.store)
            #expect(opened.isEmpty && problems.map(\.place) == [place])
            #expect("\(problems)".contains(told), "\(problems)")
        }
    }

    @Test func aKeyThatIsLostIsSaidAndTheCopiesAreMadeAnew() async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", .directory, Self.sealed)
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let keys = try await replica.storage.list("keys/").map(\.name)
        #expect(keys.count == 1)
        try await replica.storage.delete(keys[0])
        let plain = try await site.reopened(replica.storage, .plain)
        #expect(try await plain.manifests().unreadable.map(\.problem).contains { $0.contains("no key of the place") })
        let again = try await site.reopened(replica.storage, Self.sealed)
        let unreadable = try await again.manifests().unreadable
        #expect(unreadable.count == 1 && unreadable[0].problem.contains("is not in \(replica.place)/keys"))
        #expect(try await site.replicate([again]).map(\.sentBytes) == [model.byteCount])
        #expect(try await again.manifest(id: model.id) == model)
        #expect(try await again.problem(with: model.weights) { _ in } == nil)
    }

    @Test func twoMachinesThatBeginAtOnceReadEachOther() async throws {
        let site = try ReplicaSite()
        let storage = try site.replica("one").storage
        let service = try site.service()
        var replicas: [Replica] = []
        for _ in 0..<2 {
            // As if the other's key were not there yet.
            let (id, bytes) = try await DataKeys.travelling(for: .models, wrappedBy: service)
            let keys = try await DataKeys.open([(id, bytes)], at: storage.place, service: service)
            replicas.append(Replica(storage, form: Self.sealed, keys: keys, pieceBytes: ReplicaSite.pieceBytes))
            try await storage.put(try ObjectName("keys/\(id).json"), Data(bytes))
        }
        let first = try site.addModel()
        _ = try await site.replicate([replicas[0]])
        let second = try site.addModel("deepseek-ai/Second", seed: 9)
        _ = await Replication(store: site.store, replicas: [replicas[1]], copies: 2).run([second])
        let both = try await site.reopened(storage, Self.sealed)
        #expect(try await both.ids() == [first.id, second.id])
        let check = await ReplicaCheck(store: site.store, replicas: [both], copies: 2, mends: false).run()
        #expect(check.findings.isEmpty && check.problems.isEmpty)
    }

    @Test(arguments: forms) func aPlaceWithPlainCopiesIsReadAndWrittenAnew(form: CopyForm) async throws {
        let site = try ReplicaSite()
        let plain = try site.replica("one")
        let (first, _) = (try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9))
        _ = try await site.replicate([plain])
        let replica = try await site.reopened(plain.storage, form)
        #expect(try await site.replicate([replica]).map(\.sentBytes) == [0, 0])
        let third = try site.addModel("deepseek-ai/Third", seed: 17)
        _ = try await site.replicate([replica])
        #expect(try await replica.ids().count == 3)
        #expect(try await replica.objects(of: third.weights).allSatisfy { !$0.name.text.hasPrefix("blobs/") })
        #expect(try await replica.objects(of: first.weights).allSatisfy { $0.name.text.hasPrefix("blobs/") })
        func findings() async -> [ReplicaCheck.Finding] {
            await ReplicaCheck(store: site.store, replicas: [replica], copies: 2, mends: false).run().findings
        }
        #expect(await findings().isEmpty)

        let manifests = try site.store.manifests()
        func rewrite() async -> [Replication.Result] {
            await Replication(store: site.store, replicas: [replica], copies: 2, rewrites: true).run(manifests)
        }
        let results = await rewrite()
        #expect(results.allSatisfy(\.isEnough) && results.reduce(0) { $0 + $1.sentBytes } > 6_000_000)
        #expect(try await replica.storage.list("blobs/").isEmpty)
        #expect(try await replica.storage.list("manifests/").isEmpty == form.isEncrypted)
        #expect(await findings().isEmpty)
        #expect(await rewrite().map(\.sentBytes) == [0, 0, 0])
        #expect(try await replica.ids().count == 3)
    }

    @Test func nothingOfADamagedFileIsSent() async throws {
        let site = try ReplicaSite()
        let replica = try await site.replica("one", .directory, Self.sealed)
        let model = try site.addModel()
        try Harm.flippedBit.happen(to: site.store.blob(model.weights.digest))
        let result = try await site.replicate([replica])[0]
        #expect(result.places.isEmpty && "\(result.problems)".contains("hadal verify --repair"))
        #expect(try await replica.objects(of: model.weights).isEmpty)
        #expect(try await replica.ids().isEmpty)
    }

    @Test func aSealedManifestIsMendedFromHereOrFromAnother() async throws {
        let site = try ReplicaSite()
        let replicas = [try await site.replica("one", .directory, Self.sealed), try site.replica("two")]
        let model = try site.addModel()
        _ = try await site.replicate(replicas)
        let name = try replicas[0].names(ofManifest: model.id)[0]
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
}
