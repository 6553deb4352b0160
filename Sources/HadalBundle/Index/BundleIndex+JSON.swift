import Foundation
import HadalJSON
import HadalStore

extension BundleIndex {
    public var json: JSON {
        [
            "id": .string(id), "createdAt": .string(createdAt.formatted(.iso8601)),
            "models": .array(
                models.map { ["manifest": $0.manifest.json, "tags": .array($0.tags.map { .string($0.text) })] }),
            "parts": .array(parts.map { ["size": .int($0.size), "sha256": .string($0.digest.hex)] }),
            "blobs": .array(
                blobs.map {
                    [
                        "sha256": .string($0.digest.hex), "size": .int($0.size),
                        "extents": .array($0.extents.map(\.json)),
                    ]
                }),
        ]
    }

    /// - Parameter file: whose content it is; for errors.
    /// - Throws: `BundleError.badIndex` where anything of it cannot be.
    init(_ json: JSON, file: String) throws(BundleError) {
        let reader = IndexReader(file: file)
        id = try reader.text(json, "id", "id", isFit: Self.isID)
        let date = try reader.text(json, "createdAt", "createdAt") { _ in true }
        guard let createdAt = try? Date(date, strategy: .iso8601) else {
            throw reader.failure("createdAt", "no time as 2026-01-31T12:00:00Z")
        }
        self.createdAt = createdAt
        models = try reader.list(json, "models", "models", 1...Self.modelsMax) { (member, field) throws(BundleError) in
            try Model(member, field, reader)
        }
        parts = try reader.list(json, "parts", "parts", 0...Self.partsMax) { (member, field) throws(BundleError) in
            Part(
                size: try reader.number(
                    member, "size", field, Int64(PartHeader.byteCount) + 1...Self.partBytesMax),
                digest: try reader.digest(member, field))
        }
        blobs = try reader.list(json, "blobs", "blobs", 1...Self.blobsMax) { (member, field) throws(BundleError) in
            Blob(
                digest: try reader.digest(member, field),
                size: try reader.number(member, "size", field, 0...Manifest.fileBytesMax),
                extents: try reader.list(member, "extents", field + ".extents", 0...Self.partsMax) {
                    (member, field) throws(BundleError) in try Extent(member, field, reader)
                })
        }
        try checkModels(reader)
        try checkLayout(reader)
    }
}

extension BundleIndex.Model {
    /// What people read in terminals has no control characters.
    static func problem(with manifest: Manifest) -> String? {
        let texts = [manifest.source, manifest.revision] + manifest.include
        let isBad = texts.contains { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        return isBad ? "a control character in the source, the revision or a pattern" : nil
    }

    fileprivate init(_ json: JSON, _ field: String, _ reader: IndexReader) throws(BundleError) {
        let (tagsField, field) = (field + ".tags", field + ".manifest")
        do throws(StoreError) { manifest = try Manifest(json["manifest"] ?? .null, file: field) } catch {
            // Without its advice, which is for a store.
            guard case .badFile(_, let member, let problem) = error else { throw reader.failure(field, "\(error)") }
            throw reader.failure(field, "\(member): \(problem)")
        }
        if let problem = Self.problem(with: manifest) { throw reader.failure(field, problem) }
        tags = try reader.list(json, "tags", tagsField, 0...BundleIndex.tagsMax) {
            (member, field) throws(BundleError) in
            guard let tag = member.string.flatMap({ try? ModelTag($0) }) else { throw reader.failure(field, "no tag") }
            return tag
        }
    }
}

extension BundleIndex.Extent {
    fileprivate static let compression = "zstd"

    fileprivate var json: JSON {
        .compact([
            ("part", .int(Int64(part))), ("offset", .int(offset)), ("stored", .int(stored)), ("size", .int(size)),
            ("compression", isCompressed ? .string(Self.compression) : nil),
        ])
    }

    fileprivate init(_ json: JSON, _ field: String, _ reader: IndexReader) throws(BundleError) {
        part = Int(try reader.number(json, "part", field, 1...Int64(BundleIndex.partsMax)))
        offset = try reader.number(json, "offset", field, Int64(PartHeader.byteCount)...BundleIndex.partBytesMax)
        stored = try reader.number(json, "stored", field, 1...BundleIndex.partBytesMax)
        size = try reader.number(json, "size", field, 1...Manifest.fileBytesMax)
        isCompressed = json["compression"] != nil
        if isCompressed, json["compression"]?.string != Self.compression {
            throw reader.failure(field + ".compression", "not \(Self.compression), the only one there is")
        }
    }
}
