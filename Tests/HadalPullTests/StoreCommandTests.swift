import Foundation
import HadalJSON
import HadalSecrets
import HadalStore
import TestSupport
import Testing

/// The store as the program's commands have it.
@Suite(.timeLimit(.minutes(15))) struct StoreCommandTests {
    private let folder: TemporaryDirectory
    private let configuration: String

    /// A machine with one place for replicas, compressed and encrypted.
    init() throws {
        folder = try TemporaryDirectory()
        for name in ["data", "replica"] {
            try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
        }
        let passphrase = "nobody would think of this one"
        let file = try folder.write(passphrase.utf8, "passphrase")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        // Cheap: it is not what these tests are about.
        _ = try PassphraseKeyService.create(
            path: folder.file("data/master.key"), passphrase: Secret(passphrase), cost: ScryptCost(n: 16, r: 1, p: 1))
        configuration = try folder.write(
            """
            data: \(folder.file("data"))
            secrets: {service: passphrase, passphrase_file: \(file)}
            store:
              copies: 2
              replicas: [{place: \(folder.file("replica")), compression: zstd, encryption: true}]

            """.utf8, "hadal.yaml")
    }

    private func hadal(
        _ arguments: [String], store: String? = "store"
    ) async throws -> (status: Int32?, output: String) {
        _ = FileManager.default.createFile(atPath: folder.file("output"), contents: nil)
        let output = try #require(FileHandle(forWritingAtPath: folder.file("output")))
        defer { try? output.close() }
        let places = ["--config", configuration] + (store.map { ["--store", folder.file($0)] } ?? [])
        let status = try await Victim().run("hadal", arguments + places, output: output)
        return (status, try String(contentsOfFile: folder.file("output"), encoding: .utf8))
    }

    private func files(below name: String) throws -> [URL] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.file(name))
            .map { folder.url.appending(path: "\(name)/\($0)") }
            .filter { try $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true }
    }

    @Test func aPulledModelComesBackFromAnEncryptedReplica() async throws {
        let hub = try await FakeHub(Content.model())
        let pulled = try await hadal(["pull", FakeHub.repository, "--from", hub.url, "--json"])
        #expect(pulled.status == 0, "\(pulled.output)")
        // Texts that anybody would recognise.
        let copies = try files(below: "replica")
        #expect(copies.count > Content.wanted.count)
        for text in ["model_type", "weight_map"] {
            for file in copies { #expect(try Data(contentsOf: file).range(of: Data(text.utf8)) == nil, "\(file.path)") }
        }
        let verified = try await hadal(["verify", "--replicas"])
        #expect(verified.status == 0, "\(verified.output)")

        // A machine that has nothing but the place and the key.
        let fetched = try await hadal(["models", "fetch", "--json"], store: "new")
        #expect(fetched.status == 0, "\(fetched.output)")
        let store = ModelStore(directory: folder.file("new"))
        let manifest = try #require(try store.find(FakeHub.repository))
        for (path, bytes) in hub.repository.files where Content.wanted.contains(path) {
            #expect(try Data(contentsOf: URL(fileURLWithPath: store.view(manifest) + "/" + path)) == Data(bytes))
        }

        // One piece of the copy is another one's.
        let damaged = try #require(copies.max { try! Data(contentsOf: $0).count < Data(contentsOf: $1).count })
        var bytes = try Data(contentsOf: damaged)
        bytes[bytes.count / 2] ^= 4
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: damaged.path)
        try bytes.write(to: damaged)
        #expect(try await hadal(["verify", "--replicas"]).status == 1)
        #expect(try await hadal(["verify", "--replicas", "--repair"]).status == 0)
        #expect(try await hadal(["verify", "--replicas"]).status == 0)
    }

    @Test func theStoreIsEncrypted() async throws {
        let hub = try await FakeHub(Content.model())
        #expect(try await hadal(["secrets", "init"], store: nil).status == 0)
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
        try folder.write((text + "  encryption: true\n").utf8, "hadal.yaml")
        let pull = ["pull", FakeHub.repository, "--from", hub.url, "--json"]
        let pulled = try await hadal(pull)
        #expect(pulled.status == 0, "\(pulled.output)")
        let manifest = try #require(try ModelStore(directory: folder.file("store")).find(FakeHub.repository))

        func isHidden() throws -> Bool {
            try files(below: "store/blobs").allSatisfy { file in
                let bytes = try Data(contentsOf: file)
                return bytes.starts(with: Data("HADALENC".utf8))
                    && !["model_type", "weight_map"].contains { bytes.range(of: Data($0.utf8)) != nil }
            }
        }
        #expect(try isHidden())
        #expect(try files(below: "store/partial").isEmpty)
        let requests = hub.fileRequests.count
        let again = try await hadal(pull)
        #expect(try again.status == 0 && JSON(parsing: again.output)["fetched"]?.int == 0)
        #expect(hub.fileRequests.count == requests)
        #expect(try await hadal(["verify", "--replicas"]).status == 0)
        let listed = try await hadal(["models", "list", "--json"])
        let model = try #require(try JSON(parsing: listed.output)[0])
        #expect(model["state"]?.string == "whole" && model["encrypted"]?.bool == true, "\(listed.output)")

        // In plain and back; the replica is none the worse.
        let decrypted = try await hadal(["models", "decrypt", FakeHub.repository, "--json"])
        #expect(try JSON(parsing: decrypted.output)[0]?["rewritten"]?.int == Int(manifest.byteCount))
        let plain = try await hadal(["models", "list", "--json"])
        #expect(try JSON(parsing: plain.output)[0]?["encrypted"]?.bool == false)
        let config = ModelStore(directory: folder.file("store")).view(manifest) + "/config.json"
        #expect(try Data(contentsOf: URL(fileURLWithPath: config)) == Data(hub.repository.files["config.json"]!))
        let encrypted = try await hadal(["models", "encrypt"])
        #expect(encrypted.status == 0, "\(encrypted.output)")
        #expect(try isHidden())

        // Out in a bundle, and into another machine's store.
        let stick = folder.file("stick")
        #expect(try await hadal(["bundle", "export", FakeHub.repository, "--to", stick, "--unsigned"]).status == 0)
        let bundle = try #require(
            try FileManager.default.contentsOfDirectory(atPath: stick).first { $0.hasSuffix(".hadal-bundle") })
        let imported = try await hadal(
            ["bundle", "import", stick + "/" + bundle, "--unsigned", "--no-replicate"], store: "imported")
        #expect(imported.status == 0, "\(imported.output)")
        #expect(try files(below: "imported/blobs").allSatisfy { try EncryptedFile.isEncrypted($0.path) })

        // Without the configuration it is said what is missing, and nothing is marked.
        try folder.write("data: \(folder.file("data"))\n".utf8, "hadal.yaml")
        let keyless = try await hadal(["verify"])
        #expect(keyless.status == 1 && keyless.output.contains("its keys are not at hand"), "\(keyless.output)")
        #expect(try files(below: "store/damaged").isEmpty)
        #expect(
            try await hadal(["bundle", "export", FakeHub.repository, "--to", stick, "--name", "b", "--unsigned"]).status
                == 1)
    }

    @Test func pullsAreHeldToDigestsThatWereWrittenDown() async throws {
        let hub = try await FakeHub(Content.model())
        let catalogue = try folder.write(
            "models: [{repository: \(FakeHub.repository), name: m, parameters: 1}]".utf8, "c.yaml")
        let text = try String(contentsOfFile: configuration, encoding: .utf8)
        try folder.write((text + "  catalogue: \(catalogue)\n").utf8, "hadal.yaml")
        let stated = try await hadal(["models", "digests", "m", "--from", hub.url, "--json"], store: nil)
        #expect(stated.status == 0, "\(stated.output)")
        let files = try JSON(parsing: stated.output)["models"]?[0]?["files"]?.object
        #expect(files.map { Set($0.keys) } == ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"])

        let changed = stated.output.replacing("\"repository\"", with: #""name":"m","parameters":1,"repository""#)
        try folder.write(changed.utf8, "c.yaml")
        hub.change { $0.files["model-00002-of-00002.safetensors"] = Content.safetensors("b", byteCount: 9, seed: 5) }
        #expect(try await hadal(["pull", FakeHub.repository, "--from", hub.url, "--no-replicate"]).status == 1)
        #expect(hub.fileRequests.isEmpty)
        hub.change { $0 = Content.model() }
        #expect(try await hadal(["pull", FakeHub.repository, "--from", hub.url, "--no-replicate"]).status == 0)
    }
}
