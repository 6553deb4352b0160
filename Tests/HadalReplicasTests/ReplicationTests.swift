import Foundation
import HadalObjects
import HadalStore
import TestSupport
import Testing

@testable import HadalReplicas

@Suite(.timeLimit(.minutes(15)))
struct ReplicationTests {
    @Test(arguments: ReplicaSite.Kind.allCases) func onlyWhatIsMissingIsSent(kind: ReplicaSite.Kind) async throws {
        let site = try ReplicaSite()
        let replicas = [try site.replica("one"), try site.replica("two", kind)]
        let first = try site.addModel()
        let results = try await site.replicate(replicas)
        #expect(results.map(\.places) == [replicas.map(\.place)])
        #expect(results.map(\.sentBytes) == [2 * first.byteCount])
        #expect(results.allSatisfy { $0.isEnough && $0.problems.isEmpty })

        // A file that another model has is there already.
        let shared = try Data(contentsOf: URL(fileURLWithPath: site.store.blob(first.weights.digest)))
        try site.add("deepseek-ai/Other", ["config.json": Data("{}".utf8), "model.safetensors": shared])
        #expect(try await site.replicate(replicas).map(\.sentBytes) == [4, 0])
        #expect(try await site.replicate(replicas).map(\.sentBytes) == [0, 0])

        let check = await ReplicaCheck(store: site.store, replicas: replicas, copies: 3, mends: false).run()
        #expect(check.findings.isEmpty && check.problems.isEmpty)
        #expect(
            check.readings.map(\.models) == [2, 2] && check.readings.allSatisfy { $0.bytes == first.byteCount + 2 })
        for replica in replicas {
            let (manifests, unreadable) = try await replica.manifests()
            #expect(manifests == (try site.store.manifests()) && unreadable.isEmpty)
        }
    }

    @Test func eachModelIsInAsManyPlacesAsItShouldBe() async throws {
        let site = try ReplicaSite()
        let replicas = try ["one", "two", "three"].map { try site.replica($0) }
        let model = try site.addModel()
        _ = try await site.replicate([replicas[2]])
        // One that has it counts before those that are named first.
        #expect(try await site.replicate(replicas, copies: 2).map(\.places) == [[replicas[2].place]])
        let three = try await site.replicate(replicas, copies: 3)
        #expect(three.map(\.places) == [[replicas[2].place, replicas[0].place]])
        #expect(three.map(\.sentBytes) == [model.byteCount])
        #expect(try await replicas[1].ids().isEmpty)
        // More copies than places.
        let all = try await site.replicate(replicas, copies: 9)
        #expect(all[0].places.count == 3 && all[0].isEnough)
    }

    @Test(arguments: Harm.allCases) func whatIsDamagedHereGoesNowhere(harm: Harm) async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let (damaged, whole) = (try site.addModel(), try site.addModel("deepseek-ai/Whole", seed: 7))
        try harm.happen(to: site.store.blob(damaged.weights.digest))
        let results = try await site.replicate([replica])
        let told = try #require(results.first { $0.manifest.id == damaged.id })
        #expect(told.places.isEmpty && !told.isEnough && "\(told.problems)".contains("hadal verify --repair"))
        #expect(try await replica.ids() == [whole.id])
        #expect(try await replica.objects(of: damaged.weights).isEmpty)
        #expect(try site.store.isDamaged(damaged))
    }

    @Test(arguments: ["", "{}", "[1"]) func aManifestThatIsNoneIsNoCopy(text: String) async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let model = try site.addModel()
        _ = try await site.replicate([replica])
        try await replica.storage.put(try ObjectName("manifests/\(model.id).json"), Data(text.utf8))
        let result = try await site.replicate([replica], copies: 2)[0]
        #expect(result.places == [replica.place] && result.sentBytes == 0)
        #expect(try await replica.manifest(id: model.id) == model)
    }

    @Test func aModelWithOtherFilesIsNoCopy() async throws {
        let (site, other) = (try ReplicaSite(), try ReplicaSite())
        let replica = try site.replica("one")
        let (model, theirs) = (try site.addModel(), try other.addModel(seed: 77))
        _ = try await other.replicate([replica])
        let result = try await site.replicate([replica], copies: 2)[0]
        #expect(result.places.isEmpty && !result.isEnough && "\(result.problems)".contains("other files"))
        #expect(try await replica.manifest(id: model.id) == theirs)
    }

    @Test func aPlaceCountsOnceAndTheStoreIsNone() async throws {
        let site = try ReplicaSite()
        try site.addModel()
        let path = site.folder.file("one")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let link = site.folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: site.store.directory)
        let places = ReplicaPlaces([path, path + "/", "file://" + path, site.store.directory, link, path + "-absent"]) {
            text throws(ObjectError) in try ObjectPlace(text).storage()
        }
        let (replicas, problems) = await places.opened(for: site.store)
        #expect(replicas.map(\.place) == [path])
        #expect(problems.map(\.place) == [site.store.directory, link, path + "-absent"])
        #expect(problems.prefix(2).allSatisfy { $0.problem.contains("the store itself") })
    }

    @Test func aPlaceThatHangsIsNotWaitedFor() async throws {
        let site = try ReplicaSite()
        let good = try site.replica("good")
        let model = try site.addModel()
        _ = try await site.replicate([good])
        // Neither the opening nor a cancellation brings it back.
        let gate = DispatchSemaphore(value: 0)
        let places = ReplicaPlaces(["/hangs", good.place, good.place]) { [good] place throws(ObjectError) in
            if place == "/hangs" { gate.wait() }
            return good.storage
        }
        let listing = await places.listing(for: site.store, within: .seconds(20))
        #expect(listing.places(of: model) == [good.place])
        #expect(listing.problems.map(\.place) == ["/hangs"] && "\(listing.problems)".contains("does not answer"))
        gate.signal()
    }

    @Test func aPlaceThatIsAwayOrFullIsLeftForTheNext() async throws {
        let site = try ReplicaSite()
        let model = try site.addModel()
        let away = try site.replica("away")
        try FileManager.default.removeItem(atPath: away.place)
        let full = Replica(FullStorage(try DirectoryStorage(site.folder.file("full"), creating: true)))
        let good = try site.replica("good")
        let result = try await site.replicate([away, full, good], copies: 2)[0]
        #expect(result.places == [good.place] && result.isEnough)
        #expect(result.problems.map(\.place) == [away.place, full.place])
        #expect("\(result.problems)".contains("make room there"))
        // No manifest without its files.
        #expect(try await full.ids().isEmpty)
        let alone = try await site.replicate([full])[0]
        #expect(alone.places.isEmpty && !alone.isEnough && alone.manifest == model)
    }

    @Test func aModelThatIsRemovedLeavesWhatOthersNeed() async throws {
        let site = try ReplicaSite()
        let replica = try site.replica("one")
        let first = try site.addModel()
        let shared = try Data(contentsOf: URL(fileURLWithPath: site.store.blob(first.weights.digest)))
        let second = try site.add(
            "deepseek-ai/Other", ["config.json": Data("{}".utf8), "model.safetensors": shared])
        _ = try await site.replicate([replica])
        #expect(try await replica.remove(first) == 300)
        #expect(try await replica.remove(first) == 0)
        #expect(try await replica.ids() == [second.id])
        #expect(await ReplicaCheck(store: site.store, replicas: [replica], mends: false).run().findings.isEmpty)
        // What a manifest that cannot be read names may be needed.
        try await replica.storage.put(try ObjectName("manifests/\(second.id).json"), Data("{".utf8))
        await #expect(throws: ReplicaError.self) { _ = try await replica.remove(second) }
        #expect(try await replica.fileCount() == 2)
    }
}

/// A disk that has no room.
struct FullStorage: ObjectStorage {
    let inner: DirectoryStorage

    init(_ inner: DirectoryStorage) { self.inner = inner }

    var place: String { inner.place }

    private var full: ObjectError { .system(path: place, operation: "write", code: ENOSPC) }

    func put(_ name: ObjectName, _ bytes: Data) async throws(ObjectError) { throw full }
    func upload(
        _ name: ObjectName, file: String, sha256: String, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ObjectError) { throw full }
    func get(_ name: ObjectName, limit: Int) async throws(ObjectError) -> Data {
        try await inner.get(name, limit: limit)
    }
    func stat(_ name: ObjectName) async throws(ObjectError) -> StoredObject? { try await inner.stat(name) }
    func list(_ prefix: String) async throws(ObjectError) -> [StoredObject] { try await inner.list(prefix) }
    func delete(_ name: ObjectName) async throws(ObjectError) { try await inner.delete(name) }
    func read(
        _ name: ObjectName, from offset: Int64, _ take: @escaping @Sendable (Data) async throws(ObjectError) -> Void
    ) async throws(ObjectError) { try await inner.read(name, from: offset, take) }
}
