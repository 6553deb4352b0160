import Foundation
import HadalJSON

/// What a pull, or an import of a bundle, that is not yet a model has in the store. Nothing that a claim names is
/// removed, so that what was cut off goes on where it was.
public struct Claim: Sendable, Hashable {
    /// That of the manifest to come.
    public let id: String
    /// `OWNER/NAME[:VARIANT]`
    public let name: String
    public let commit: String
    /// Of all its files.
    public let byteCount: Int64
    /// Whole files that are in the store, or will be.
    public var blobs: Set<BlobDigest>
    /// Names in `partial/`.
    public var partials: Set<String>

    public init(
        id: String, name: String, commit: String, byteCount: Int64, blobs: Set<BlobDigest>, partials: Set<String>
    ) {
        self.id = id
        self.name = name
        self.commit = commit
        self.byteCount = byteCount
        self.blobs = blobs
        self.partials = partials
    }

    public var fullName: String { name + "@" + commit.prefix(12) }

    var bytes: [UInt8] {
        let json: JSON = [
            "name": .string(name), "commit": .string(commit), "size": .int(byteCount),
            "blobs": .array(blobs.map { .string($0.hex) }), "partials": .array(partials.map(JSON.string)),
        ]
        return json.bytes
    }

    init(_ bytes: [UInt8], id: String, file: String) throws(StoreError) {
        guard let json = try? JSON(parsing: bytes), let name = json["name"]?.string,
            let commit = json["commit"]?.string, let size = json["size"]?.int, let blobs = json["blobs"]?.array,
            let partials = json["partials"]?.array
        else {
            throw .badFile(path: file, field: "content", problem: "no record of a pull")
        }
        self.init(
            id: id, name: name, commit: commit, byteCount: Int64(size),
            blobs: Set(blobs.compactMap { $0.string.flatMap(BlobDigest.init(hex:)) }),
            partials: Set(partials.compactMap(\.string)))
    }
}
