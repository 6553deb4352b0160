import HadalJSON

/// The body of Ollama's `POST /api/create`.
public struct ModelCreation: Sendable, Hashable {
    public var name: ModelName
    /// The model that it is made from.
    public var from: String
    public var defaults: ModelDefaults
    public var stream: Bool

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        name = try ModelName(try ModelName.read(&fields), at: "model")
        for field in ["files", "adapters", "draft_files"] {
            guard let value = fields.value(field), value != [:] else { continue }
            throw .unsupported(field: field, problem: "weights cannot be uploaded; give a model to hadal serve")
        }
        // `modelfile` and `path` are of an older API, where they said all of it.
        for field in [
            "template", "quantize", "quantization", "renderer", "parser", "remote_host", "modelfile", "path",
        ] {
            try fields.refuse(field, unless: [""])
        }
        from = try fields.requiredString("from")
        defaults = try ModelDefaults(&fields)
        stream = try fields.bool("stream") ?? true
    }
}

/// The body of Ollama's `POST /api/copy`.
public struct ModelCopy: Sendable, Hashable {
    public var source: String
    public var destination: ModelName

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        source = try fields.requiredString("source")
        destination = try ModelName(try fields.requiredString("destination"), at: "destination")
    }
}

/// The body of Ollama's `POST /api/pull` and `DELETE /api/delete`.
public struct ModelCall: Sendable, Hashable {
    public var model: String
    public var stream: Bool

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try ModelName.read(&fields)
        stream = try fields.bool("stream") ?? true
    }
}
