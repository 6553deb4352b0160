import CZstd
import Foundation
import HadalJSON
import HadalStore
import TestSupport
import Testing

@testable import HadalBundle

/// Indexes that nobody has exported, unsigned or signed by somebody who lies.
@Suite(.timeLimit(.minutes(15)))
struct HostileIndexTests {
    private let site: BundleSite
    private let path: String
    private let json: JSON

    init() throws {
        site = try BundleSite()
        path = try site.export(try site.addTwo(), split: 5000, compresses: true)
        json = try JSON(parsing: Bytes.of(path).split(separator: 0x0A)[2])
    }

    private func write(_ content: some Sequence<UInt8>) throws {
        try Bytes.write(Array("hadal-bundle 1\nunsigned\n".utf8) + content, path)
    }

    /// With the member at a path of names and numbers replaced.
    private static func replaced(_ json: JSON, _ steps: ArraySlice<Substring>, _ value: JSON?) -> JSON {
        guard let step = steps.first else { return value ?? .null }
        if let place = Int(step), var members = json.array {
            members[place] = replaced(members[place], steps.dropFirst(), value)
            return .array(members)
        }
        var object = json.object!
        let name = String(step)
        object[name] = steps.count == 1 ? value : replaced(object[name]!, steps.dropFirst(), value)
        return .object(object)
    }

    @Test(arguments: [
        ("id", "\"../../x\"", "id"), ("createdAt", "\"tomorrow\"", "createdAt"),
        ("models", "[]", "models"), ("models.0.manifest.files.0.path", "\"../../evil\"", "models[0].manifest"),
        ("models.0.manifest.files.0.path", "\"/etc/evil\"", "models[0].manifest"),
        ("models.0.manifest.repository", "\"../x\"", "models[0].manifest"),
        ("models.0.manifest.files.0.size", "-1", "models[0].manifest"),
        ("models.0.manifest.files.0.size", "9223372036854775807", "models[0].manifest"),
        ("models.0.manifest.files.0.sha256", "\"../../x\"", "models[0].manifest"),
        ("models.0.manifest.source", "\"\\u001b[2J\"", "models[0].manifest"),
        ("models.0.tags", "[\"../x\"]", "models[0].tags[0]"),
        ("parts", "{}", "parts"), ("parts.0.size", "9223372036854775807", "parts[0].size"),
        ("parts.0.size", "5001", "parts[0].size"), ("parts.0.sha256", "\"\"", "parts[0].sha256"),
        ("parts.0.size", "28", "parts[0].size"), ("blobs", "[]", "blobs"),
        ("blobs.0.size", "70368744177665", "blobs[0].size"), ("blobs.0.extents", "[]", "blobs[0].extents"),
        ("blobs.0.extents.0.part", "0", "blobs[0].extents[0].part"),
        ("blobs.0.extents.0.part", "9999", "blobs[0].extents[0].part"),
        ("blobs.0.extents.0.offset", "0", "blobs[0].extents[0].offset"),
        ("blobs.0.extents.0.offset", "-28", "blobs[0].extents[0].offset"),
        ("blobs.0.extents.0.offset", "29", "extents[0].offset"),
        ("blobs.0.extents.0.offset", "9223372036854775807", "blobs[0].extents[0].offset"),
        ("blobs.0.extents.0.stored", "0", "blobs[0].extents[0].stored"),
        ("blobs.0.extents.0.size", "9223372036854775807", "blobs[0].extents[0].size"),
        ("blobs.0.extents.0.compression", "\"gzip\"", "blobs[0].extents[0].compression"),
        ("blobs.0.sha256", "\"" + String(repeating: "0", count: 64) + "\"", "blobs[0].sha256"),
    ])
    func whatCannotBeIsRefusedByItsField(place: String, value: String, field: String) throws {
        try write(Self.replaced(json, place.split(separator: ".")[...], try JSON(parsing: value)).bytes)
        let error = words { try site.take(path) }
        #expect(error.hasPrefix(path + ": ") && error.contains(field + ": "), "\(error)")
        #expect(!FileManager.default.fileExists(atPath: site.target.directory))
    }

    @Test func theLargestSizesCanBeAddedUp() throws {
        let digest = BlobDigest(of: "")
        let index = BundleIndex(
            id: "", createdAt: Date(), models: [],
            parts: Array(repeating: .init(size: BundleIndex.partBytesMax, digest: digest), count: BundleIndex.partsMax),
            blobs: Array(
                repeating: .init(digest: digest, size: Manifest.fileBytesMax, extents: []), count: BundleIndex.blobsMax)
        )
        #expect(index.storedByteCount > 0 && index.byteCount > 0)
    }

    @Test func overlapsAndDuplicatesAreRefused() throws {
        let blobs = json["blobs"]!.array!
        // Two blobs that say they have the same bytes of a part.
        let plain = blobs.indices.filter { blobs[$0]["extents"]![0]?["part"]?.int == 1 }
        #expect(plain.count > 1)
        let offset = blobs[plain[0]]["extents"]![0]!["offset"]!
        try write(Self.replaced(json, "blobs.\(plain[1]).extents.0.offset".split(separator: ".")[...], offset).bytes)
        #expect(words { try site.take(path) }.contains("lies over what comes before it"))
        try write(Self.replaced(json, ["blobs"], .array(blobs + [blobs[0]])).bytes)
        #expect(words { try site.take(path) }.contains("there twice"))
        let models = json["models"]!.array!
        try write(Self.replaced(json, ["models"], .array(models + [models[0]])).bytes)
        #expect(words { try site.take(path) }.contains("there twice"))
    }

    @Test func countsWithoutEndAreRefusedBeforeTheyTakeMemory() throws {
        for field in ["models", "parts", "blobs"] {
            let many = JSON.array(Array(repeating: [:], count: 100_000))
            try write(Self.replaced(json, [field[...]], many).bytes)
            #expect(words { try site.take(path) }.contains("\(field): missing, or no list of"))
        }
        try write(String(repeating: "[", count: 100_000).utf8)
        #expect(words { try site.take(path) }.contains("content at byte"))
        try write([UInt8](repeating: 0x20, count: 17 << 20))
        #expect(words { try site.take(path) }.contains("no index is as long"))
        try Bytes.write(Array("hadal-bundle 2\n\n{}".utf8), path)
        #expect(words { try site.take(path) }.contains("has format 2"))
        for text in ["", "GGUF", "hadal-bundle 1", "hadal-bundle 1\nunsigned\n", "hadal-bundle x\n\n"] {
            try Bytes.write(Array(text.utf8), path)
            #expect(throws: BundleError.self) { try site.take(path) }
        }
    }

    /// A part with a good SHA-256 whose frames say other things than the index.
    @Test(arguments: ["bomb", "long", "short", "half", "window", "noise"]) func framesThatLieAreRefused(kind: String)
        throws
    {
        let manifest = try site.add("c/c", ["x": Bytes.compressible(8000, seed: 9)])
        let encoder = ZstdEncoder(frameBytes: 4 << 20)
        func frame(_ bytes: [UInt8]) -> [UInt8] { encoder.frame(bytes) { Array($0) } }
        let whole = site.contents[manifest.files[0].digest]!
        let stored: [UInt8] =
            switch kind {
            case "bomb": (0..<300).flatMap { _ in frame(Array(repeating: 0, count: 4 << 20)) }
            case "long": frame(whole) + frame([1])
            case "short": frame(Array(whole.dropLast()))
            case "half": Array(frame(whole).dropLast(5))
            case "window": Self.farFrame
            default: Bytes.random(500, seed: 1)
            }
        let id = String(repeating: "ab", count: 16)
        let part = PartHeader(id: id, number: 1).bytes + stored
        try Bytes.write(part, site.stick + "/z.001")
        let extent = BundleIndex.Extent(
            part: 1, offset: 28, stored: Int64(stored.count), size: Int64(whole.count), isCompressed: true)
        let digest = try FileHash.sha256(site.stick + "/z.001").digest
        let index = BundleIndex(
            id: id, createdAt: Date(), models: [.init(manifest: manifest, tags: [])],
            parts: [.init(size: Int64(part.count), digest: digest)],
            blobs: [.init(digest: manifest.files[0].digest, size: Int64(whole.count), extents: [extent])])
        try SealedIndex.write(index, key: nil, to: site.stick + "/z.hadal-bundle")
        let error = words { try site.take(site.stick + "/z.hadal-bundle") }
        #expect(error.contains("z.001 at byte") && error.contains("exported anew"), "\(error)")
        #expect(try site.target.manifests().isEmpty)
        // Nothing grew beyond what was said.
        for name in site.leftOver where !name.hasSuffix(".json") {
            #expect(Bytes.of(site.target.partial(name)).count == whole.count)
        }
    }

    /// One that would have 128 MiB remembered.
    private static var farFrame: [UInt8] {
        let context = ZSTD_createCCtx()!
        defer { ZSTD_freeCCtx(context) }
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27)
        _ = ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
            bytes.withUnsafeBytes { bytes in
                var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
                // In two calls, so that the size is not known and the window stays as it is.
                _ = ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue)
                _ = ZSTD_compressStream2(context, &output, &input, ZSTD_e_end)
                count = output.pos
            }
        }
    }

    /// A blob whose extents are as told, but whose bytes are others.
    @Test func bytesThatAreNotTheModelsNeverBecomeIt() throws {
        let manifest = try site.add("c/c", ["x": Bytes.random(8000, seed: 9)])
        let id = String(repeating: "ab", count: 16)
        let part = PartHeader(id: id, number: 1).bytes + Bytes.random(8000, seed: 10)
        try Bytes.write(part, site.stick + "/z.001")
        let digest = try FileHash.sha256(site.stick + "/z.001").digest
        let index = BundleIndex(
            id: id, createdAt: Date(), models: [.init(manifest: manifest, tags: [])],
            parts: [.init(size: Int64(part.count), digest: digest)],
            blobs: [
                .init(
                    digest: manifest.files[0].digest, size: 8000,
                    extents: [.init(part: 1, offset: 28, stored: 8000, size: 8000, isCompressed: false)])
            ])
        try SealedIndex.write(index, key: nil, to: site.stick + "/z.hadal-bundle")
        #expect(words { try site.take(site.stick + "/z.hadal-bundle") }.contains("was thrown away"))
        #expect(try site.target.manifests().isEmpty)
    }

    /// Whatever an index says, what becomes a model has the bytes that its manifest says, and nothing is written
    /// elsewhere.
    @Test(arguments: 0..<8) func mutatedIndexesDoNoHarm(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let text = json.bytes
        let tokens = [
            "0", "-1", "28", "9223372036854775807", "\"..\"", "[]", "{}", "null", "1e300", "\"zstd\"", "\u{0}",
        ]
        let before = try site.folder.names
        for round in 0..<60 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes.remove(at: place)
                case 2:
                    let end = min(bytes.count, place + Int.random(in: 1...60, using: &random))
                    bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: bytes.indices, using: &random))
                default:
                    // A number's, text's or list's place in JSON.
                    guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { continue }
                    let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") } ?? colon
                    bytes.replaceSubrange(
                        colon + 1..<max(end, colon + 1), with: tokens.randomElement(using: &random)!.utf8)
                }
            }
            try write(bytes)
            do { _ = try site.take(path) } catch {
                #expect(error is BundleError || error is StoreError, "seed \(seed), round \(round): \(error)")
            }
            #expect(Set(try site.folder.names).subtracting(before + ["target"]).isEmpty)
            for manifest in try site.target.manifests() {
                for file in manifest.files {
                    #expect(
                        try FileHash.sha256(site.target.view(manifest) + "/" + file.path.text).digest == file.digest)
                }
            }
            try site.clear()
        }
    }
}
