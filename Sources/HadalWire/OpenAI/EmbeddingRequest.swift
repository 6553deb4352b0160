import HadalJSON

/// The body of `POST /v1/embeddings`.
public struct EmbeddingRequest: Sendable, Hashable {
    public enum Encoding: String, Sendable { case float, base64 }

    public static let inputsLimit = 2048

    public var model: String
    public var inputs: [PlainPrompt]
    public var encoding: Encoding
    /// nil: as many as the model gives.
    public var dimensions: Int?

    public static let dimensionsRange = 1...65_536

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        inputs = try PlainPrompt.list(try fields.required("input"), at: "input", limit: Self.inputsLimit)
        let format = try fields.string("encoding_format") ?? "float"
        guard let encoding = Encoding(rawValue: format) else {
            throw .outOfRange(field: "encoding_format", expected: "\"float\" or \"base64\"")
        }
        self.encoding = encoding
        dimensions = try fields.int("dimensions", in: Self.dimensionsRange)
        _ = RequestFields.ignore(&fields)
        try fields.finish()
    }
}
