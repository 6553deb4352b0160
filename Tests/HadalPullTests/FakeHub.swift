import Crypto
import Foundation
import HadalJSON
import HadalStore
import Synchronization
import TestSupport

/// A hub with Hugging Face's paths and one repository, which can be given troubles.
final class FakeHub: Sendable {
    static let repository = "deep/Model"

    struct Repository: Sendable {
        var commit = String(repeating: "c", count: 40)
        /// Path and content.
        var files: [String: [UInt8]]
        /// Which of them are told with a SHA-256; the others with Git's name.
        var large: Set<String> = []
        var license: String? = "mit"

        func sibling(_ path: String) -> JSON {
            let bytes = files[path]!
            if large.contains(path) {
                let digest = BlobDigest(SHA256.hash(data: bytes))
                return [
                    "rfilename": .string(path), "size": .int(Int64(bytes.count)), "blobId": "0",
                    "lfs": ["sha256": .string(digest.hex), "size": .int(Int64(bytes.count)), "pointerSize": 134],
                ]
            }
            let name = Insecure.SHA1.hash(data: Array("blob \(bytes.count)\0".utf8) + bytes)
            return [
                "rfilename": .string(path), "size": .int(Int64(bytes.count)),
                "blobId": .string(BlobDigest.text(name)),
            ]
        }

        var listing: JSON {
            .compact([
                ("id", .string(FakeHub.repository)), ("sha", .string(commit)),
                ("siblings", .array(files.keys.sorted().map(sibling))),
                ("cardData", license.map { ["license": .string($0)] }),
            ])
        }
    }

    /// What it does instead of a good answer; nil: nothing. Gets the file, the request, and how many came for files
    /// before.
    typealias Trouble = @Sendable (_ file: String, _ request: HTTPStub.Request, _ count: Int) -> [HTTPStub.Step]?

    private final class State: Sendable {
        let repository: Mutex<Repository>
        let count = Mutex(0)

        init(_ repository: Repository) { self.repository = Mutex(repository) }
    }

    private let state: State
    let server: HTTPStub

    var url: String { server.url }
    var repository: Repository { state.repository.withLock { $0 } }
    /// Those for files' content.
    var fileRequests: [HTTPStub.Request] { server.requests.filter { $0.path.contains("/resolve/") } }

    init(_ repository: Repository, trouble: @escaping Trouble = { _, _, _ in nil }) async throws {
        let state = State(repository)
        self.state = state
        server = try await HTTPStub { request in
            let repository = state.repository.withLock { $0 }
            if request.path.hasPrefix("/api/models/\(FakeHub.repository)/revision/") {
                return HTTPStub.text(200, repository.listing.text)
            }
            let start = "/\(FakeHub.repository)/resolve/\(repository.commit)/"
            guard request.path.hasPrefix(start),
                let name = String(request.path.dropFirst(start.count)).removingPercentEncoding,
                let bytes = repository.files[name]
            else { return HTTPStub.text(404, #"{"error":"Repository not found"}"#) }
            let count = state.count.withLock { count in
                count += 1
                return count - 1
            }
            return trouble(name, request, count) ?? FakeHub.content(bytes, request)
        }
    }

    func change(_ body: @Sendable (inout Repository) -> Void) { state.repository.withLock { body(&$0) } }

    /// A good answer.
    /// - Parameter sent: of the bytes asked for; all of them where it is nil.
    static func content(
        _ bytes: [UInt8], _ request: HTTPStub.Request, sent: Int? = nil, version: String = "\"1\""
    ) -> [HTTPStub.Step] {
        guard let range = request.range?.clamped(to: 0..<bytes.count) else {
            return [.write(HTTPStub.head(200, [("Content-Length", "\(bytes.count)"), ("ETag", version)]) + bytes)]
        }
        let head = HTTPStub.head(
            206,
            [
                ("Content-Length", "\(range.count)"), ("ETag", version),
                ("Content-Range", "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(bytes.count)"),
            ])
        return [.write(head + bytes[range].prefix(sent ?? range.count))]
    }
}

/// Files of models.
enum Content {
    static func random(_ count: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// A safetensors file of one tensor of bytes.
    static func safetensors(_ name: String, byteCount: Int, seed: UInt64) -> [UInt8] {
        let header = #"{"\#(name)":{"dtype":"U8","shape":[\#(byteCount)],"data_offsets":[0,\#(byteCount)]}}"#
        return withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8)
            + random(byteCount, seed: seed)
    }

    /// A model in two shards, with what should come and what should not.
    static func model(byteCount: Int = 300_000) -> FakeHub.Repository {
        let index: JSON = [
            "weight_map": ["a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"]
        ]
        return FakeHub.Repository(
            files: [
                "config.json": Array(#"{"model_type":"llama"}"#.utf8),
                "tokenizer.json": Array(#"{"version":"1.0"}"#.utf8),
                "model.safetensors.index.json": index.bytes,
                "model-00001-of-00002.safetensors": safetensors("a", byteCount: byteCount, seed: 1),
                "model-00002-of-00002.safetensors": safetensors("b", byteCount: byteCount / 2, seed: 2),
                "LICENSE": Array("MIT".utf8),
                "README.md": Array("words".utf8), "pytorch_model.bin": random(9_000, seed: 3),
                "figures/benchmark.png": random(900, seed: 4), "modeling.py": Array("code".utf8),
            ],
            large: [
                "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "pytorch_model.bin",
            ])
    }

    static let wanted: Set = [
        "LICENSE", "config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
        "model.safetensors.index.json", "tokenizer.json",
    ]
}
