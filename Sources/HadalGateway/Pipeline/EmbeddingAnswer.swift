import HadalHTTP
import HadalWire
import Hummingbird

/// Has a worker embed texts.
struct EmbeddingAnswer: Sendable {
    func response(
        to request: EmbeddingRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        let job = EmbedRequest(id: RequestID.make("embd"), inputs: request.inputs)
        let embeddings = try await visit.connection.whileOpen { try await visit.embed(job, deployment) }
        return HTTPReply.json(
            EmbeddingReply.whole(
                model: deployment.name, try embeddings.cut(to: request.dimensions), encoding: request.encoding))
    }

    /// Scores documents by how alike their vectors are to the query's.
    func rerank(
        _ request: RerankRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        let id = RequestID.make("rerank")
        let job = EmbedRequest(id: id, inputs: ([request.query] + request.documents).map(PlainPrompt.text))
        let embeddings = try await visit.connection.whileOpen { try await visit.embed(job, deployment) }
        return HTTPReply.json(RerankReply.whole(id: id, request, embeddings))
    }
}
