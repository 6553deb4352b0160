import Crypto
import Foundation
import HadalStore
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(15)))
struct StoreTests {
    @Test func aStoreThatIsNotThereIsEmpty() throws {
        let site = try StoreSite()
        #expect(try site.store.manifests().isEmpty)
        #expect(try site.store.find("a/b") == nil)
        #expect(try site.store.find("tag") == nil)
        #expect(!FileManager.default.fileExists(atPath: site.store.directory))
    }

    @Test func whereTheStoreIs() {
        func place(_ environment: [String: String]) -> String { ModelStore(environment: environment).directory }
        #expect(place(["HADAL_STORE": "/srv/models/"]) == "/srv/models")
        #expect(place(["XDG_DATA_HOME": "/data"]) == "/data/hadal/models")
        #expect(place(["XDG_DATA_HOME": "data"]).hasSuffix("/.local/share/hadal/models"))
    }

    @Test func modelsThatShareAFileShareIt() throws {
        let site = try StoreSite()
        let one = try site.add("a/one", ["config.json": "{}", "model.safetensors": "weights", "x/y.json": "deep"])
        let two = try site.add("a/two", ["config.json": "{}", "model.safetensors": "others"])
        #expect(site.names("blobs").count == 4)
        #expect(try site.text(one, "x/y.json") == "deep")
        #expect(try site.text(two, "model.safetensors") == "others")
        #expect(try site.store.manifests() == [one, two])
        #expect(site.store.entry(one) == site.store.view(one))
    }

    @Test func theStoreCanBeMoved() throws {
        let site = try StoreSite()
        let model = try site.add("a/one", ["config.json": "{}", "x/y.json": "deep"])
        try FileManager.default.moveItem(atPath: site.store.directory, toPath: site.folder.file("other"))
        let view = ModelStore(directory: site.folder.file("other")).view(model)
        #expect(try String(contentsOfFile: view + "/x/y.json", encoding: .utf8) == "deep")
    }

    @Test func removingLeavesWhatOthersHave() throws {
        let site = try StoreSite()
        let one = try site.add("a/one", ["config.json": "{}", "model.safetensors": "weights"])
        let two = try site.add("a/two", ["config.json": "{}", "model.safetensors": "others"])
        try site.store.tag(one, ModelTag("first"), moves: false)
        let removal = try site.store.remove(one)
        #expect(removal.tags.map(\.text) == ["first"])
        #expect(try site.store.manifests() == [two])
        #expect(try site.text(two, "config.json") == "{}")
        #expect(site.names("blobs").count == 2)
        #expect(site.names("models") == [two.id])
        #expect(throws: StoreError.self) { try site.store.remove(one) }
        _ = try site.store.remove(two)
        #expect(site.names("blobs").isEmpty)
    }

    @Test func whatAPullHasIsNotRemoved() throws {
        let site = try StoreSite()
        let model = try site.add("a/one", ["config.json": "{}", "model.safetensors": "weights"])
        let digest = model.files[1].digest
        let claim = Claim(
            id: "0123456789abcdef", name: "b/c", commit: "f00", byteCount: 9, blobs: [digest], partials: ["sha256-1"])
        var running = try site.store.begin(claim)
        #expect(try running != nil && site.store.begin(claim) == nil)
        for name in ["sha256-1", "sha256-1.json", "sha256-2", "sha256-2.json"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: site.store.partial(name)))
        }
        _ = try site.store.remove(model)
        #expect(site.names("blobs") == [digest.description])
        #expect(site.names("partial") == ["sha256-1", "sha256-1.json"])
        // Another state of the same model does not end it.
        _ = try site.store.remove(try site.add("b/c", ["config.json": "{}"]))
        #expect(site.names("blobs") == [digest.description])
        #expect(throws: StoreError.pullRuns(name: claim.fullName)) { try site.store.remove(claim) }
        running = nil
        _ = try site.store.remove(claim)
        #expect(site.names("blobs").isEmpty && site.names("partial").isEmpty && site.names("pulls").isEmpty)
    }

    @Test func aModelWhoseFilesAreNotThereIsNotEntered() throws {
        let site = try StoreSite()
        let model = try site.add("a/one", ["config.json": "{}"])
        _ = try site.store.remove(model)
        #expect(throws: StoreError.self) { try site.store.enter(model) }
        #expect(try site.store.manifests().isEmpty)
    }

    @Test func aManifestThatCannotBeReadKeepsAllFilesAndOtherModels() throws {
        let site = try StoreSite()
        let one = try site.add("a/one", ["config.json": "1"])
        let two = try site.add("a/two", ["config.json": "2"])
        let file = site.store.directory + "/manifests/\(one.id).json"
        try Data("{".utf8).write(to: URL(fileURLWithPath: file))
        #expect(try site.store.find("a/two") == two)
        #expect(throws: StoreError.self) { try site.store.find("a/one") }
        #expect(throws: StoreError.self) { try site.store.manifests() }
        #expect(throws: StoreError.self) { try site.store.remove(two) }
        #expect(try site.store.find("a/two") == two)
        let three = try site.add("a/three", ["config.json": "3", "x": "2"])
        #expect(try site.store.find("a/three") == three)
        #expect(site.names("blobs").count == 3)
    }

    @Test func manyTasksAtOnceLeaveAWholeStore() async throws {
        let site = try StoreSite()
        let kept = try site.add("a/kept", ["config.json": "{}", "model.safetensors": "shared"])
        try await withThrowingTaskGroup { group in
            for index in 0..<8 {
                group.addTask {
                    for round in 0..<5 {
                        let other = StoreSite(sharing: site, part: index)
                        let model = try other.add(
                            "b/m\(index)", ["model.safetensors": "shared", "own": "\(index) \(round)"])
                        _ = try other.store.remove(model)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try site.store.manifests() == [kept])
        #expect(try site.text(kept, "model.safetensors") == "shared")
        #expect(site.names("blobs").count == 2)
    }

    @Test func verifyFindsAndMarksDamage() throws {
        let site = try StoreSite()
        let one = try site.add("a/one", ["a": "first", "b": "second", "c": "third"])
        var known: [BlobDigest: String?] = [:]
        #expect(try site.store.verify(one, known: &known).isEmpty)
        let paths = one.files.map { site.store.blob($0.digest) }
        for path in paths.dropLast() { chmod(path, 0o644) }
        try Data("firsT".utf8).write(to: URL(fileURLWithPath: paths[0]))
        try Data("sec".utf8).write(to: URL(fileURLWithPath: paths[1]))
        unlink(paths[2])
        known = [:]
        let damages = try site.store.verify(one, known: &known)
        #expect(damages.map(\.path.text) == ["a", "b", "c"])
        #expect(damages.map { $0.problem.prefix(8) } == ["has othe", "has 3 by", "is not t"])
        #expect(try site.store.isDamaged(one))
        #expect(try !site.store.has(one.files[0].digest, size: 5))
        try site.add("a/one", ["a": "first", "b": "second", "c": "third"])
        known = [:]
        #expect(try site.store.verify(one, known: &known).isEmpty)
        #expect(try !site.store.isDamaged(one))
    }

    /// Past the page cache and not, where the last piece is cut anywhere, also in memory (tmpfs).
    @Test(arguments: [0, 1, 4095, 4096, 4097, 4 << 20, (4 << 20) + 1, (8 << 20) - 4096, (8 << 20) + 777])
    func aHashIsTheSameFromTheDiskAndFromMemory(size: Int) throws {
        let bytes = Data((0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) })
        let expected = BlobDigest(SHA256.hash(data: bytes))
        let folder = try TemporaryDirectory()
        let inMemory = "/dev/shm/hadal-\(UUID().uuidString)"
        defer { unlink(inMemory) }
        for path in [folder.file("x"), inMemory] {
            try bytes.write(to: URL(fileURLWithPath: path))
            for isFromDisk in [false, true] {
                var told = 0
                let found = try FileHash.sha256(path, isFromDisk: isFromDisk) { told += $0 }
                #expect(found.digest == expected && found.size == size && told == size)
            }
        }
    }

    @Test func aFileIsMendedOnlyWhereSomethingHasIt() throws {
        let site = try StoreSite()
        let (kept, gone) = (try site.add("a/kept", ["a": "first"]), try site.add("a/gone", ["b": "second"]))
        _ = try site.store.remove(gone)
        let file = site.folder.file("new")
        func mend(_ manifest: Manifest, _ text: String) throws -> Bool {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            try site.store.mend(file, as: manifest.files[0].digest)
            #expect(!FileManager.default.fileExists(atPath: file))
            return site.names("blobs").contains(manifest.files[0].digest.description)
        }
        unlink(site.store.blob(kept.files[0].digest))
        #expect(try mend(kept, "first") && !mend(gone, "second"))
        // What is still coming.
        _ = try site.store.begin(
            Claim(
                id: gone.id, name: gone.name, commit: gone.commit, byteCount: 6, blobs: [gone.files[0].digest],
                partials: []))
        #expect(try mend(gone, "second"))
    }

    @Test func verifyMakesLinksAgain() throws {
        let site = try StoreSite()
        let one = try site.add("a/one", ["a": "first"])
        try FileManager.default.removeItem(atPath: site.store.directory + "/models")
        var known: [BlobDigest: String?] = [:]
        #expect(try site.store.verify(one, known: &known).isEmpty)
        #expect(try site.text(one, "a") == "first")
    }

    @Test func roomIsAskedForWithAReserve() throws {
        func check(_ bytes: Int64, free: Int64) throws {
            try FreeSpace { _ throws(StoreError) in free }.check("/", for: bytes)
        }
        try check(1000, free: 1300)
        #expect(throws: StoreError.noSpace(directory: "/", needed: 1300, free: 1299)) { try check(1000, free: 1299) }
        try check(0, free: 0)
        try FreeSpace.disk.check("/no/such/place", for: 1)
        #expect(throws: StoreError.self) { try FreeSpace.disk.check("/", for: 1 << 60) }
    }
}
