import HadalHTTP
import HadalWire
import Hummingbird

/// Has a worker embed texts.
struct EmbeddingAnswer: Sendable {
    func response(
        to request: EmbeddingRequest, _ deployment: Deployment, _ connection: ClientConnection, _ pass: RequestGate.Pass
    ) async throws -> Response {
        defer { pass.leave() }
        let job = EmbedRequest(id: RequestID.make("embd"), inputs: request.inputs)
        let embeddings = try await connection.whileOpen { try await deployment.client.embed(job) }
        return HTTPReply.json(
            EmbeddingReply.whole(model: deployment.name, embeddings, encoding: request.encoding))
    }
}
