import Crypto
import Foundation
import HadalCheckpoint
import HadalPull
import HadalStore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15)))
struct PullTests {
    @Test func aModelComesWithWhatItNeedsAndTheLoaderOpensIt() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let result = try await site.pull(hub)
        #expect(Set(result.manifest.files.map(\.path.text)) == Content.wanted)
        #expect(result.manifest.license == "mit")
        #expect(result.manifest.commit == hub.repository.commit)
        #expect(result.manifest.revision == "main")
        #expect(result.fetchedBytes == result.manifest.byteCount)
        #expect(result.unchecked.isEmpty)
        try site.expectWhole(result.manifest, hub)
        let checkpoint = try Checkpoint.open(site.store.entry(result.manifest))
        #expect(Set(checkpoint.tensors.keys) == ["a", "b"])
        #expect(try site.store.find(FakeHub.repository) == result.manifest)
        #expect(site.partials.isEmpty)
        #expect(try site.store.claims().isEmpty)
    }

    @Test func nothingIsFetchedTwice() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        try await site.pull(hub)
        let count = hub.fileRequests.count
        let again = try await site.pull(hub)
        #expect(again.fetchedBytes == 0)
        #expect(hub.fileRequests.count == count)
    }

    @Test func filesThatTwoRevisionsShareAreThereOnce() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let first = try await site.pull(hub).manifest
        hub.change { repository in
            repository.commit = String(repeating: "d", count: 40)
            repository.files["config.json"] = Array(#"{"model_type":"qwen2"}"#.utf8)
        }
        let second = try await site.pull(hub)
        // The weights did not change; what has no SHA-256 beforehand is small and comes again.
        let small = second.manifest.files.filter { !$0.path.name.hasSuffix(".safetensors") }
        #expect(second.fetchedBytes == small.reduce(0) { $0 + $1.size })
        #expect(try site.store.manifests().count == 2)
        #expect(try site.store.find(FakeHub.repository)?.commit == hub.repository.commit)
        #expect(try site.store.find(FakeHub.repository + "@cccc") == first)
        let blobs = try FileManager.default.contentsOfDirectory(atPath: site.store.directory + "/blobs")
        #expect(blobs.count == Content.wanted.count + 1)
    }

    @Test func digestsThatAreKnownBeforehandAreInsistedOn() async throws {
        let hub = try await FakeHub(Content.model())
        let files = ["config.json", "model-00001-of-00002.safetensors"]
        var right: [FilePath: BlobDigest] = [:]
        for file in files {
            right[try FilePath(file)] = BlobDigest(SHA256.hash(data: hub.repository.files[file]!))
        }
        let site = try PullSite()
        try site.expectWhole(try await site.pull(hub, digests: right).manifest, hub)
        // Stated by the hub: refused before anything is fetched. Not stated: thrown away when it has come.
        for (file, isStated) in [(files[1], true), (files[0], false)] {
            let site = try PullSite()
            var wrong = right
            wrong[try FilePath(file)] = BlobDigest(of: "other")
            let before = hub.fileRequests.count
            let text = await words { try await site.pull(hub, digests: wrong) }
            #expect(text.contains(file) && text.contains(isStated ? "the catalogue says" : "thrown away"), "\(text)")
            #expect(try site.store.manifests().isEmpty)
            #expect((hub.fileRequests.count == before) == isStated)
        }
    }

    @Test func whatTheHubStatesIsWrittenDownWithoutFetchingIt() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let source = try ModelSource(hub.url, environment: [:])
        let stated = try await ModelPull(store: site.store, source: source, settings: site.settings())
            .stated(try ModelReference(FakeHub.repository))
        #expect(stated.commit == hub.repository.commit && hub.fileRequests.isEmpty)
        let weights = "model-00001-of-00002.safetensors"
        #expect(
            stated.digests[try FilePath(weights)]
                == BlobDigest(SHA256.hash(data: try #require(hub.repository.files[weights]))))
        hub.change { $0.files[weights]?[0] ^= 1 }
        let text = await words { try await site.pull(hub, digests: stated.digests) }
        #expect(text.contains(weights) && text.contains("the catalogue says"), "\(text)")
    }

    @Test func whatAnotherSourceCalledTheSameCommitIsNotTakenForIt() async throws {
        var forged = Content.model()
        forged.files["config.json"] = Array(#"{"model_type":"evil!"}"#.utf8)
        let (site, other, hub) = (try PullSite(), try await FakeHub(forged), try await FakeHub(Content.model()))
        #expect(other.repository.files["config.json"]!.count == hub.repository.files["config.json"]!.count)
        let first = try await site.pull(other).manifest
        let second = try await site.pull(hub).manifest
        #expect(first.id == second.id)
        try site.expectWhole(second, hub)
        #expect(try site.store.manifests() == [second])
    }

    @Test func rangesGoOverSeveralConnections() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        try await site.pull(hub)
        let ranges = hub.fileRequests.filter { $0.path.hasSuffix("00001-of-00002.safetensors") }.compactMap(\.range)
        #expect(ranges.count == 5)
        #expect(ranges.allSatisfy { $0.count <= 64 << 10 })
    }

    @Test func theTokenGoesToTheHubAndNotWhereItSendsUs() async throws {
        let site = try PullSite()
        let repository = Content.model()
        let storage = try await HTTPStub { request in
            let name = String(request.path.dropFirst(1).prefix { $0 != "?" })
            return FakeHub.content(repository.files[name]!, request)
        }
        let (address, isLarge) = (storage.url, repository.large)
        let hub = try await FakeHub(repository) { name, _, _ in
            isLarge.contains(name)
                ? HTTPStub.text(302, "", [("Location", "\(address)/\(name)?signature=secret")]) : nil
        }
        let source = try ModelSource("huggingface", environment: ["HF_ENDPOINT": hub.url + "/", "HF_TOKEN": "hf_x"])
        let result = try await ModelPull(store: site.store, source: source, settings: site.settings())
            .run(try ModelReference(FakeHub.repository))
        try site.expectWhole(result.manifest, hub)
        #expect(hub.server.requests.allSatisfy { $0.headers.first(name: "Authorization") == "Bearer hf_x" })
        #expect(storage.requests.count > 2)
        #expect(storage.requests.allSatisfy { $0.headers.first(name: "Authorization") == nil })
    }

    @Test func tokensAreNotSentInTheClear() {
        #expect(throws: PullError.self) {
            try ModelSource("huggingface", environment: ["HF_ENDPOINT": "http://hub.example.org", "HF_TOKEN": "hf_x"])
        }
        #expect(throws: PullError.self) {
            try ModelSource("huggingface", environment: ["HF_TOKEN": "hf_x\r\nHost: evil"])
        }
    }

    @Test func withoutRoomNothingBegins() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let needed = try await site.pull(hub).manifest.byteCount
        let other = try PullSite()
        var settings = other.settings()
        settings.freeSpace = FreeSpace { _ throws(StoreError) in needed * 13 / 10 - 1 }
        let before = hub.fileRequests.count
        await #expect(throws: StoreError.self) { try await other.pull(hub, settings: settings) }
        #expect(hub.fileRequests.count == before)
        #expect(!FileManager.default.fileExists(atPath: other.store.directory))
        settings.freeSpace = FreeSpace { _ throws(StoreError) in needed * 13 / 10 + 1 }
        try await other.pull(hub, settings: settings)
    }

    @Test func progressEndsAtTheWhole() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let last = Mutex<Int64>(0)
        let source = try ModelSource(hub.url, environment: [:])
        let result = try await ModelPull(store: site.store, source: source, settings: site.settings())
            .run(try ModelReference(FakeHub.repository)) { progress in last.withLock { $0 = max($0, progress.done) } }
        #expect(last.withLock { $0 } == result.manifest.byteCount)
    }

    @Test func aDamagedFileAloneIsFetchedAgain() async throws {
        let (site, hub) = (try PullSite(), try await FakeHub(Content.model()))
        let manifest = try await site.pull(hub).manifest
        let file = try #require(manifest.files.first { $0.path.name.hasPrefix("model-00001") })
        let small = try #require(manifest.files.first { $0.path.text == "config.json" })
        for path in [file, small].map({ site.store.blob($0.digest) }) {
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count / 2] ^= 1
            chmod(path, 0o644)
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        var known: [BlobDigest: String?] = [:]
        #expect(try site.store.verify(manifest, known: &known).map(\.path) == [small.path, file.path].sorted())
        #expect(try site.store.isDamaged(manifest))
        let mended = try await site.pull(hub, FakeHub.repository + "@" + manifest.commit)
        #expect(mended.manifest.revision == "main")
        #expect(mended.fetchedBytes == file.size + small.size)
        try site.expectWhole(manifest, hub)
        #expect(try !site.store.isDamaged(manifest))
    }
}
