import Foundation
import HadalJSON

/// The file `manifests/ID.json`.
extension Manifest {
    static let format = 1

    public var json: JSON {
        .compact([
            ("format", .int(Int64(Self.format))), ("source", .string(source)), ("repository", .string(repository)),
            ("variant", variant.map(JSON.string)), ("revision", .string(revision)), ("commit", .string(commit)),
            ("license", license.map(JSON.string)),
            ("include", include.isEmpty ? nil : .array(include.map(JSON.string))),
            ("pulledAt", .string(pulledAt.formatted(.iso8601))),
            (
                "files",
                .array(
                    files.map {
                        ["path": .string($0.path.text), "size": .int($0.size), "sha256": .string($0.digest.hex)]
                    })
            ),
        ])
    }

    /// - Parameter file: whose content it is; for errors.
    public init(_ json: JSON, file: String) throws(StoreError) {
        func text(_ field: String) throws(StoreError) -> String {
            guard let text = json[field]?.string, text.utf8.count <= 4096 else {
                throw .badFile(path: file, field: field, problem: "missing, or no text")
            }
            return text
        }
        guard let format = json["format"]?.int else {
            throw .badFile(path: file, field: "format", problem: "missing, or no number")
        }
        guard format <= Self.format else { throw .newerFormat(path: file, version: format) }
        guard let date = try? Date(try text("pulledAt"), strategy: .iso8601) else {
            throw .badFile(path: file, field: "pulledAt", problem: "no time as 2026-01-31T12:00:00Z")
        }
        guard let members = json["files"]?.array, members.count <= Self.filesMax else {
            throw .badFile(path: file, field: "files", problem: "missing, no list, or too long")
        }
        var files: [File] = []
        for (index, member) in members.enumerated() {
            guard let path = member["path"]?.string, let size = member["size"]?.int,
                let digest = member["sha256"]?.string.flatMap(BlobDigest.init(hex:))
            else { throw .badFile(path: file, field: "files[\(index)]", problem: "path, size or sha256 is missing") }
            files.append(
                File(
                    path: try Self.told(file, index) { () throws(StoreError) in try FilePath(path) },
                    size: Int64(size), digest: digest))
        }
        let (source, repository) = (try text("source"), try text("repository"))
        let (revision, commit) = (try text("revision"), try text("commit"))
        self = try Self.told(file, nil) { () throws(StoreError) in
            try Manifest(
                source: source, repository: repository, variant: json["variant"]?.string, revision: revision,
                commit: commit, license: json["license"]?.string,
                include: json["include"]?.array?.compactMap(\.string) ?? [], pulledAt: date, files: files)
        }
    }

    /// Says in which file the bad name stands.
    private static func told<Value>(
        _ file: String, _ index: Int?, _ body: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do throws(StoreError) { return try body() } catch {
            throw .badFile(path: file, field: index.map { "files[\($0)]" } ?? "content", problem: "\(error)")
        }
    }
}
