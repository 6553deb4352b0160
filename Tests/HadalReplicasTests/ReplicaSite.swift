import Crypto
import Foundation
import HadalObjects
import HadalSecrets
import HadalStore
import TestSupport

@testable import HadalReplicas

/// A store and places for its replicas.
final class ReplicaSite: Sendable {
    enum Kind: CaseIterable { case directory, bucket }

    let folder: TemporaryDirectory
    let store: ModelStore

    init() throws {
        folder = try TemporaryDirectory()
        store = ModelStore(directory: folder.file("store"))
    }

    func replica(_ name: String, _ kind: Kind = .directory) throws -> Replica {
        switch kind {
        case .directory: Replica(try DirectoryStorage(folder.file(name), creating: true))
        case .bucket: Replica(try MotoServer.shared.get().storage())
        }
    }

    // MARK: packed and sealed copies

    /// A key service of the site's own, that opens in no time.
    func service(_ name: String = "master.key") throws -> PassphraseKeyService {
        let (path, passphrase) = (folder.file(name), Secret("a passphrase for tests"))
        guard FileManager.default.fileExists(atPath: path) else {
            return try PassphraseKeyService.create(
                path: path, passphrase: passphrase, cost: ScryptCost(n: 16, r: 1, p: 1))
        }
        return try PassphraseKeyService.open(path: path, passphrase: passphrase)
    }

    /// As a server opens it, with pieces so small that a model's weights are several.
    func replica(
        _ name: String, _ kind: Kind = .directory, _ form: CopyForm, service: PassphraseKeyService? = nil
    ) async throws -> Replica {
        try await reopened(replica(name, kind).storage, form, service: service)
    }

    func reopened(
        _ storage: any ObjectStorage, _ form: CopyForm, service: PassphraseKeyService? = nil
    ) async throws -> Replica {
        let service = try service ?? self.service()
        return try await Replica.open(storage, form: form, pieceBytes: Self.pieceBytes) { service }
    }

    static let pieceBytes = 1 << 20

    static func bytes(_ count: Int, seed: UInt64) -> Data {
        var random = SplitMix(state: seed)
        return (0..<(count + 7) / 8).map { _ in random.next() }.withUnsafeBytes { Data($0.prefix(count)) }
    }

    /// Enters a model as a pull does.
    @discardableResult
    func add(_ name: String, _ files: [String: Data], commit: String = "c0ffee") throws -> Manifest {
        var members: [Manifest.File] = []
        for (path, bytes) in files {
            members.append(
                Manifest.File(
                    path: try FilePath(path), size: Int64(bytes.count), digest: BlobDigest(SHA256.hash(data: bytes))))
        }
        let manifest = try Manifest(
            source: "huggingface", repository: name, variant: nil, revision: "main", commit: commit, license: "mit",
            include: [], pulledAt: Date(timeIntervalSince1970: 1000), files: members)
        var claim = Claim(
            id: manifest.id, name: manifest.name, commit: commit, byteCount: manifest.byteCount, blobs: [],
            partials: ["new"])
        let lock = try store.begin(claim)
        defer { withExtendedLifetime(lock) {} }
        for file in members {
            try files[file.path.text]!.write(to: URL(fileURLWithPath: store.partial("new")))
            try store.enter(store.partial("new"), as: file.digest, for: &claim)
        }
        try store.enter(manifest)
        return manifest
    }

    /// A model of three files, one of them empty and one of several pieces.
    @discardableResult
    func addModel(_ name: String = "deepseek-ai/Tiny", seed: UInt64 = 1) throws -> Manifest {
        try add(
            name,
            [
                "config.json": Self.bytes(300, seed: seed), "model.safetensors": Self.bytes(3_000_000, seed: seed + 1),
                "LICENSE": Data(),
            ])
    }

    func replicate(_ replicas: [Replica], copies: Int = 3) async throws -> [Replication.Result] {
        await Replication(store: store, replicas: replicas, copies: copies).run(try store.manifests())
    }

    func isWhole(_ manifest: Manifest) throws -> Bool {
        var known: [BlobDigest: String?] = [:]
        return try store.verify(manifest, known: &known).isEmpty
    }
}

/// What happens to files.
enum Harm: CaseIterable {
    case flippedBit, truncated, missing, another, longer

    /// - Parameter path: of a file that is not empty.
    func happen(to path: String) throws {
        chmod(path, 0o644)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        switch self {
        case .flippedBit: bytes[bytes.count / 2] ^= 4
        case .truncated: bytes.removeLast(bytes.count / 3)
        case .missing: return try FileManager.default.removeItem(atPath: path)
        case .another: bytes = ReplicaSite.bytes(bytes.count, seed: 99)
        case .longer: bytes += Data("more".utf8)
        }
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    func happen(to file: Manifest.File, at replica: Replica) async throws {
        let objects = try await replica.objects(of: file)
        // Where there are several pieces, one in the middle.
        let name = objects.map(\.name).sorted()[objects.count / 2]
        var bytes = try await replica.storage.get(name, limit: 1 << 30)
        switch self {
        case .flippedBit: bytes[bytes.count / 2] ^= 4
        case .truncated: bytes.removeLast(bytes.count / 3)
        case .missing: return try await replica.storage.delete(name)
        case .another: bytes = ReplicaSite.bytes(bytes.count, seed: 99)
        case .longer: bytes += Data("more".utf8)
        }
        try await replica.storage.put(name, bytes)
    }
}

extension Replica {
    /// Of the models that can be read there.
    func ids() async throws -> Set<String> { Set(try await manifests().manifests.map(\.id)) }

    /// All that lies there of a file, in whatever form.
    func objects(of file: Manifest.File) async throws -> [StoredObject] { try await contents().objects(of: file) }

    /// How many files there are, in whatever form.
    func fileCount() async throws -> Int { try await contents().others(than: []).count }
}

extension Manifest {
    var weights: Manifest.File { files.first { $0.path.text == "model.safetensors" }! }
}
