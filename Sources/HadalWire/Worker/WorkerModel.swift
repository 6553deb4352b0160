import HadalJSON

/// What a worker tells of its model at `GET /model`.
public struct WorkerModel: Sendable, Hashable {
    public enum Ability: String, Sendable, CaseIterable { case chat, completion, infill, embedding }

    public var architecture: String
    /// Tokens, prompt and answer together.
    public var contextLength: Int
    public var vocabularySize: Int
    public var parameters: Int
    /// Bytes of weights.
    public var weightBytes: Int
    /// Changes when the same seed may give another answer.
    public var fingerprint: String
    public var abilities: Set<Ability>
    /// Numbers in an embedding; nil where the model is no encoder.
    public var embeddingDimensions: Int?
    /// SHA-256, in hexadecimal, of all files that decide its answers; nil while it is being computed.
    public var digest: String?

    public init(
        architecture: String, contextLength: Int, vocabularySize: Int, parameters: Int, weightBytes: Int,
        fingerprint: String, abilities: Set<Ability>, embeddingDimensions: Int? = nil,
        digest: String? = nil
    ) {
        self.architecture = architecture
        self.contextLength = contextLength
        self.vocabularySize = vocabularySize
        self.parameters = parameters
        self.weightBytes = weightBytes
        self.fingerprint = fingerprint
        self.abilities = abilities
        self.embeddingDimensions = embeddingDimensions
        self.digest = digest
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        let counts = 0...Int.max
        self.init(
            architecture: try fields.requiredString("architecture"),
            contextLength: try fields.int("context_length", in: counts) ?? 0,
            vocabularySize: try fields.int("vocabulary_size", in: counts) ?? 0,
            parameters: try fields.int("parameters", in: counts) ?? 0,
            weightBytes: try fields.int("weight_bytes", in: counts) ?? 0,
            fingerprint: try fields.requiredString("fingerprint"),
            abilities: Set(
                (try fields.array("abilities", limit: 64) ?? []).compactMap { $0.string.flatMap(Ability.init) }),
            embeddingDimensions: try fields.int("embedding_dimensions", in: counts),
            digest: try fields.string("digest"))
    }

    public var json: JSON {
        .compact([
            ("architecture", .string(architecture)), ("context_length", .int(Int64(contextLength))),
            ("vocabulary_size", .int(Int64(vocabularySize))), ("parameters", .int(Int64(parameters))),
            ("weight_bytes", .int(Int64(weightBytes))), ("fingerprint", .string(fingerprint)),
            ("abilities", .array(abilities.map(\.rawValue).sorted().map(JSON.string))),
            ("embedding_dimensions", embeddingDimensions.map { .int(Int64($0)) }),
            ("digest", digest.map(JSON.string)),
        ])
    }
}
