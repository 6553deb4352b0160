import HadalJSON

/// A file that was uploaded, or that a batch wrote, as `/v1/files` tells of it.
public struct FileObject: Sendable, Hashable {
    public enum Purpose: String, Sendable, CaseIterable {
        case batch
        case batchOutput = "batch_output"
        case userData = "user_data"
    }

    public var id: String
    public var bytes: Int
    /// Seconds since 1970.
    public var created: Int
    public var name: String
    public var purpose: Purpose

    public init(id: String, bytes: Int, created: Int, name: String, purpose: Purpose) {
        self.id = id
        self.bytes = bytes
        self.created = created
        self.name = name
        self.purpose = purpose
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        id = try fields.requiredString("id")
        bytes = try fields.int("bytes", in: 0...Int.max) ?? 0
        created = try fields.int("created_at", in: 0...Int.max) ?? 0
        name = try fields.requiredString("filename")
        purpose = try Purpose(try fields.requiredString("purpose"), at: "purpose")
    }

    public var json: JSON {
        [
            "id": .string(id), "object": "file", "bytes": .int(Int64(bytes)), "created_at": .int(Int64(created)),
            "filename": .string(name), "purpose": .string(purpose.rawValue), "status": "processed",
        ]
    }
}

extension FileObject.Purpose {
    public init(_ word: String, at field: String) throws(WireError) {
        guard let purpose = Self(rawValue: word) else {
            throw .outOfRange(field: field, expected: "batch or user_data")
        }
        self = purpose
    }
}

/// The answer to who deletes a file or a response.
public enum Deletion {
    public static func json(_ kind: String, _ id: String) -> JSON {
        ["id": .string(id), "object": .string(kind), "deleted": true]
    }
}

/// One page of a list, as OpenAI's clients read it.
public enum ListPage {
    public static func json(_ items: [JSON], hasMore: Bool) -> JSON {
        [
            "object": "list", "data": .array(items), "first_id": items.first?["id"] ?? .null,
            "last_id": items.last?["id"] ?? .null, "has_more": .bool(hasMore),
        ]
    }
}
