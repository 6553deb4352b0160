import Crypto
import Foundation
import HadalCheckpoint
import HadalJSON

/// Pins a model: SHA-256 over the content of all files that decide its answers, the same on every machine, under every
/// name and for an encrypted copy.
///
/// - Of one file, `.gguf` or `.safetensors`: what `sha256sum FILE` says.
/// - Of a split set: what `sha256sum PARTS | cut -c-64 | sha256sum` says, whatever the parts are called.
/// - Of a directory: what `sha256sum FILES | sha256sum` says there, with the names in the order of their bytes.
public struct ModelDigest: Sendable {
    private struct Part: Sendable {
        var path: String
        /// What stands beside its sum; nil: nothing.
        var name: String?
        var content: FileContent
    }

    public struct Sums: Sendable, Hashable {
        /// 64 hexadecimal digits.
        public var digest: String
        /// Of each file, by its path.
        public var files: [String: String]
    }

    /// Files of a directory, beside the weights, that anything here reads.
    private static let names = [
        "chat_template.jinja", "config.json", "encoder.json", "generation_config.json", "merges.txt", "modules.json",
        "tokenizer.json", "tokenizer_config.json", "vocab.bpe", "vocab.json",
    ]

    private let parts: [Part]

    /// Opens all files, so that it is this model's digest whenever it is computed.
    public init(of checkpoint: Checkpoint) throws {
        let weights = checkpoint.files.map(\.path)
        guard checkpoint.directory != nil else {
            parts = try weights.map { Part(path: $0, content: try checkpoint.opener.content($0)) }
            return
        }
        let directory = checkpoint.path
        let sides = Self.names + (try Self.poolings(directory, checkpoint.opener))
        let present = Set(sides).map { directory + "/" + $0 }.filter { FileManager.default.fileExists(atPath: $0) }
        parts = try (weights + present).map { path in
            Part(
                path: path, name: String(path.dropFirst(directory.count + 1)),
                content: try checkpoint.opener.content(path))
        }.sorted { ($0.name ?? "").utf8.lexicographicallyPrecedes(($1.name ?? "").utf8) }
    }

    /// Where an encoder's files say how its vectors are pooled.
    private static func poolings(_ directory: String, _ opener: FileOpener) throws -> [String] {
        guard let file = try opener.openIfPresent(directory + "/modules.json") else { return [] }
        // The bytes are there as long as the file is.
        let modules = try withExtendedLifetime(file) { try JSON(parsing: file.bytes) }
        let paths = (modules.array ?? []).compactMap { $0["path"]?.string }
        return paths.filter { !$0.isEmpty && !$0.contains("..") }.map { $0 + "/config.json" }
    }

    /// Of all contents.
    public var byteCount: Int { parts.reduce(0) { $0 + $1.content.byteCount } }

    /// Reads everything.
    /// - Parameter progress: told 0…1.
    public func compute(progress: (Double) -> Void = { _ in }) throws(CheckpointError) -> Sums {
        var files: [String: String] = [:]
        var lines = SHA256()
        let all = Double(max(1, byteCount))
        var done = 0
        for part in parts {
            var hash = SHA256()
            try part.content.forEachPiece { piece in
                hash.update(bufferPointer: piece)
                done += piece.count
                progress(Double(done) / all)
            }
            let sum = hash.finalize().hexadecimal
            files[part.path] = sum
            lines.update(data: Array((sum + (part.name.map { "  " + $0 } ?? "") + "\n").utf8))
        }
        if let only = parts.first, parts.count == 1, only.name == nil {
            return Sums(digest: files[only.path] ?? "", files: files)
        }
        return Sums(digest: lines.finalize().hexadecimal, files: files)
    }
}
