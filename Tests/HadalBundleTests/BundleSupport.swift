import Crypto
import Foundation
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

/// Two stores, and a directory through which bundles go from one to the other.
final class BundleSite {
    let folder: TemporaryDirectory
    let source: ModelStore
    let target: ModelStore
    let stick: String
    private(set) var contents: [BlobDigest: [UInt8]] = [:]

    init() throws {
        folder = try TemporaryDirectory()
        source = ModelStore(directory: folder.file("source"))
        target = ModelStore(directory: folder.file("target"))
        stick = folder.file("stick")
    }

    /// Enters a model as a pull does.
    @discardableResult
    func add(_ name: String, _ files: [String: [UInt8]], commit: String = "c0ffee") throws -> Manifest {
        let members = try files.map { path, bytes in
            let digest = BlobDigest(SHA256.hash(data: bytes))
            contents[digest] = bytes
            return Manifest.File(path: try FilePath(path), size: Int64(bytes.count), digest: digest)
        }
        let manifest = try Manifest(
            source: "huggingface", repository: name, variant: nil, revision: "main", commit: commit, license: "mit",
            include: [], pulledAt: Date(timeIntervalSince1970: 1000), files: members)
        var claim = Claim(
            id: manifest.id, name: manifest.name, commit: commit, byteCount: manifest.byteCount, blobs: [],
            partials: ["new"])
        _ = try source.begin(claim)
        for file in members {
            try Data(contents[file.digest]!).write(to: URL(fileURLWithPath: source.partial("new")))
            try source.enter(source.partial("new"), as: file.digest, for: &claim)
        }
        try source.enter(manifest)
        return manifest
    }

    /// Two models that share a file, with empty and small files.
    func addTwo(seed: UInt64 = 1) throws -> [Manifest] {
        let shared = Bytes.random(3000, seed: seed)
        return [
            try add(
                "a/one",
                [
                    "config.json": Array("{}".utf8), "empty": [], "one": [7], "deep/er/shared.bin": shared,
                    "text": Bytes.compressible(40_000, seed: seed + 1),
                ]),
            try add("b/two", ["shared.bin": shared, "other.bin": Bytes.random(1777, seed: seed + 2)]),
        ]
    }

    /// - Returns: the index's path.
    func export(
        _ manifests: [Manifest], split: Int64 = BundleExport.fat32BytesMax, compresses: Bool = false,
        key: PrivateKey? = nil, name: String = "x"
    ) throws -> String {
        try BundleExport(store: source, to: stick, partBytesMax: split, compresses: compresses, key: key)
            .run(manifests, name: name).path
    }

    func take(
        _ path: String, parts: [String] = [], trust: [String] = [], unsigned: Bool = true, movesTags: Bool = false,
        freeSpace: FreeSpace = .disk
    ) throws -> BundleImport.Result {
        try BundleImport(
            store: target, trusted: try TrustedKeys(of: target, and: trust), takesUnsigned: unsigned,
            freeSpace: freeSpace
        ).run(path, parts: parts, movesTags: movesTags)
    }

    /// What loaders see of them in the target has the bytes that the source has, and nothing is left over.
    func expectWhole(_ manifests: [Manifest], sourceLocation: SourceLocation = #_sourceLocation) throws {
        for manifest in manifests {
            #expect(try target.find(manifest.fullName) == manifest, sourceLocation: sourceLocation)
            for file in manifest.files {
                let found = try FileHash.sha256(target.view(manifest) + "/" + file.path.text).digest
                #expect(found == file.digest, sourceLocation: sourceLocation)
            }
        }
        #expect(try target.claims().isEmpty, sourceLocation: sourceLocation)
        #expect(leftOver.isEmpty, sourceLocation: sourceLocation)
    }

    var leftOver: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: target.partial(""))) ?? []).filter { !$0.hasPrefix(".") }
    }

    /// A fresh target.
    func clear() throws { try? FileManager.default.removeItem(atPath: target.directory) }

    func part(_ number: Int) -> String { stick + "/" + BundleIndex.partName("x", number) }
}

enum Bytes {
    static func random(_ count: Int, seed: UInt64) -> [UInt8] { made(count, seed, mask: .max) }

    /// Two bits of chance in each byte.
    static func compressible(_ count: Int, seed: UInt64) -> [UInt8] { made(count, seed, mask: 0x0303_0303_0303_0303) }

    /// Eight at a time: tests are not optimised.
    private static func made(_ count: Int, _ seed: UInt64, mask: UInt64) -> [UInt8] {
        var random = SplitMix(state: seed)
        let words = (0..<count / 8 + 1).map { _ in random.next() & mask }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }

    static func of(_ path: String) -> [UInt8] { FileManager.default.contents(atPath: path).map { Array($0) } ?? [] }

    static func write(_ bytes: [UInt8], _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
}

/// What a body throws, as people read it.
func words<Value>(_ body: () throws -> Value) -> String {
    do {
        _ = try body()
        return "no error"
    } catch { return "\(error)" }
}
