import HadalJSON

/// The answer of `/v1/embeddings`.
public enum EmbeddingReply {
    public static func whole(model: String, _ embeddings: Embeddings, encoding: EmbeddingRequest.Encoding) -> JSON {
        let data = embeddings.vectors.enumerated().map { index, vector -> JSON in
            let value: JSON =
                switch encoding {
                // Through the shortest text that gives the same float: a double's digits beyond it are noise.
                case .float: .array(vector.floats.map { .double(Double($0.description) ?? 0) })
                case .base64: .string(vector.base64)
                }
            return ["object": "embedding", "index": .int(Int64(index)), "embedding": value]
        }
        let tokens = JSON.int(Int64(embeddings.promptTokens))
        return [
            "object": "list", "data": .array(data), "model": .string(model),
            "usage": ["prompt_tokens": tokens, "total_tokens": tokens],
        ]
    }
}
