import Foundation
import HadalObjects
import HadalStore
import TestSupport
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct RetrievalTests {
    private typealias Kind = ReplicaSite.Kind

    /// A store of a new machine.
    private static func newStore(_ site: ReplicaSite) -> ModelStore {
        ModelStore(directory: site.folder.file("new-\(UUID().uuidString)"))
    }

    @Test(arguments: ReplicaSite.Kind.allCases) func aNewMachineGetsItsModels(kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one", kind)
        let models = [try site.addModel(), try site.addModel("deepseek-ai/Second", seed: 9)]
        _ = try await site.replicate([replica])
        let store = Self.newStore(site)
        let retrieval = Retrieval(store: store, replicas: [replica])
        let answer = try await retrieval.find([])
        let found = answer.manifests
        #expect(answer.problems.isEmpty && Set(found) == Set(models))
        #expect(try await retrieval.run(found).map(\.fetchedBytes) == found.map(\.byteCount))
        for model in models {
            #expect(try store.require(model.fullName) == model)
            var known: [BlobDigest: String?] = [:]
            #expect(try store.verify(model, known: &known).isEmpty)
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: store.view(model) + "/model.safetensors"))
                    == Data(contentsOf: URL(fileURLWithPath: site.store.blob(model.weights.digest))))
        }
        #expect(try store.claims().isEmpty)
        #expect(try await retrieval.run(found).map(\.fetchedBytes) == [0, 0])
        await #expect(throws: ReplicaError.noModel(reference: "deepseek-ai/Third", place: replica.place)) {
            _ = try await retrieval.find(["deepseek-ai/Third"])
        }
    }

    @Test func theFirstPlaceThatAnswersSaysWhatThereIs() async throws {
        let site = try ReplicaSite()
        let (away, good) = (try site.replica("away"), try site.replica("good"))
        let model = try site.addModel()
        _ = try await site.replicate([good])
        try FileManager.default.removeItem(atPath: away.place)
        let store = Self.newStore(site)
        let found = try await Retrieval(store: store, replicas: [away, good]).find([])
        #expect(found.manifests == [model] && found.place == good.place && found.away.map(\.place) == [away.place])
        await #expect(throws: ObjectError.self) { _ = try await Retrieval(store: store, replicas: [away]).find([]) }
    }

    @Test(arguments: [true, false]) func aPlaceWithoutTheModelIsPassedOver(isNamed: Bool) async throws {
        let site = try ReplicaSite()
        let (new, good) = (try site.replica("new"), try site.replica("good"))
        let model = try site.addModel()
        _ = try await site.replicate([good])
        let retrieval = Retrieval(store: Self.newStore(site), replicas: [new, good])
        let found = try await retrieval.find(isNamed ? [model.name] : [])
        #expect(found.manifests == [model] && found.place == good.place)
    }

    @Test(arguments: Harm.allCases, ReplicaSite.Kind.allCases)
    func whatOnePlaceHasDamagedComesFromAnother(harm: Harm, kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let (bad, good) = (try site.replica("bad", kind), try site.replica("good"))
        let model = try site.addModel()
        _ = try await site.replicate([bad, good])
        try await harm.happen(to: model.weights, at: bad)
        let store = Self.newStore(site)
        await #expect(throws: ReplicaError.self) {
            try await Retrieval(store: store, replicas: [bad]).run([model])
        }
        // Nothing unchecked becomes a model.
        #expect(try store.manifests().isEmpty)
        #expect(try !store.has(model.weights.digest, size: model.weights.size))
        // What came of the damaged file, and is in the way, is noticed.
        try await Retrieval(store: store, replicas: [bad, good]).run([model])
        var known: [BlobDigest: String?] = [:]
        #expect(try store.verify(model, known: &known).isEmpty)
    }

    @Test func roomIsLookedForFirst() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let store = Self.newStore(site)
        let small = FreeSpace { _ in 3_000_000 }
        await #expect(throws: StoreError.self) {
            try await Retrieval(store: store, replicas: [replica], freeSpace: small).run([model])
        }
        #expect(!FileManager.default.fileExists(atPath: store.directory))
    }

    @Test func aPlaceDoesNotReplaceWhatIsHere() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        let other = try ReplicaSite()
        let forged = try other.addModel(seed: 77)
        _ = try await other.replicate([replica])
        #expect(forged.id == model.id)
        let error = await #expect(throws: ReplicaError.self) {
            try await Retrieval(store: site.store, replicas: [replica]).run([forged])
        }
        #expect("\(error!)".contains("what is here stays"))
        #expect(try site.store.manifests() == [model] && site.isWhole(model))
    }

    @Test func manifestsOfStrangersDoNoHarm() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        let name = try ObjectName("manifests/\(model.id).json")
        let good = try await replica.storage.get(name, limit: 1 << 20)
        var random = SplitMix(state: 11)
        for _ in 0..<300 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(contentsOf: ["../", "\"", "9", "}"].randomElement(using: &random)!.utf8, at: place)
                }
            }
            try await replica.storage.put(name, bytes)
            let store = Self.newStore(site)
            let retrieval = Retrieval(store: store, replicas: [replica], freeSpace: FreeSpace { _ in .max })
            let answer = try await retrieval.find([])
            #expect(answer.manifests.count + answer.problems.count == 1)
            for manifest in answer.manifests where manifest.byteCount < 10_000_000 {
                // Names that differ are taken, as they were pulled so; bytes never.
                _ = try? await retrieval.run([manifest])
                for entered in try store.manifests() {
                    var known: [BlobDigest: String?] = [:]
                    #expect(try store.verify(entered, known: &known).isEmpty)
                }
            }
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: site.folder.path).allSatisfy {
                    ["one", "store"].contains($0) || $0.hasPrefix("new-")
                })
        }
    }
}
