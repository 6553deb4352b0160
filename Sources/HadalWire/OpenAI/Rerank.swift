import HadalJSON

/// The body of `POST /v1/rerank`, as Jina, Cohere and vLLM have it.
public struct RerankRequest: Sendable, Hashable {
    /// With the query as many as can be embedded at once.
    public static let documentsLimit = EmbeddingRequest.inputsLimit - 1

    public var model: String
    public var query: String
    public var documents: [String]
    /// How many to tell of, best first; nil: all.
    public var top: Int?
    public var returnsDocuments: Bool

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        query = try fields.requiredString("query")
        guard let elements = try fields.array("documents", limit: Self.documentsLimit) else {
            throw .missing(field: "documents")
        }
        guard !elements.isEmpty else { throw .outOfRange(field: "documents", expected: "at least one document") }
        documents = []
        for (index, element) in elements.enumerated() {
            guard let text = element.string ?? element["text"]?.string else {
                throw .wrongType(field: "documents[\(index)]", expected: "a string, or an object with a text")
            }
            documents.append(text)
        }
        top = try fields.int("top_n", in: 1...Int(Int32.max))
        returnsDocuments = try fields.bool("return_documents") ?? true
        fields.ignore(["max_chunks_per_doc", "max_tokens_per_doc", "truncate_prompt_tokens", "user", "priority"])
        try fields.refuse("rank_fields")
        try fields.finish()
    }
}

/// The answer of `/v1/rerank`.
public enum RerankReply {
    /// - Parameter embeddings: the query's first, then each document's, all of the same length.
    public static func whole(id: String, _ request: RerankRequest, _ embeddings: Embeddings) -> JSON {
        let vectors = embeddings.vectors.map(\.floats)
        let scores = vectors.dropFirst().map { cosine($0, vectors[0]) }
        let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }.prefix(request.top ?? scores.count)
        let results = order.map { index -> JSON in
            .compact([
                ("index", .int(Int64(index))), ("relevance_score", .double(scores[index])),
                ("document", request.returnsDocuments ? ["text": .string(request.documents[index])] : nil),
            ])
        }
        let tokens = JSON.int(Int64(embeddings.promptTokens))
        return [
            "id": .string(id), "model": .string(request.model), "results": .array(results),
            "usage": ["prompt_tokens": tokens, "total_tokens": tokens],
        ]
    }

    private static func cosine(_ a: [Float], _ b: [Float]) -> Double {
        func dot(_ x: [Float], _ y: [Float]) -> Double { zip(x, y).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let lengths = (dot(a, a) * dot(b, b)).squareRoot()
        return lengths > 0 ? dot(a, b) / lengths : 0
    }
}
