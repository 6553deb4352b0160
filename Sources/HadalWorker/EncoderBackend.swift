import HadalEngine
import HadalModels
import HadalTokenization
import HadalWire

/// A loaded text encoder as a worker's backend.
public struct EncoderBackend: WorkerBackend {
    private let host: EmbeddingHost
    public let model: WorkerModel

    public init(_ host: EmbeddingHost) {
        self.host = host
        model = WorkerModel(
            architecture: "encoder", contextLength: host.encoder.contextLength,
            vocabularySize: host.encoder.vocabularySize, parameters: 0, weightBytes: 0,
            fingerprint: "fp_\(host.name)", abilities: [.embedding], embeddingDimensions: host.encoder.width)
    }

    /// With a text as long as most are.
    public func warmUp() async throws(WorkerFailure) {
        let tokens = WarmUp.tokens(
            min(64, host.encoder.contextLength), vocabulary: host.encoder.vocabularySize)
        _ = try await embed(EmbedRequest(id: WarmUp.id, inputs: [.tokens(tokens)]))
    }

    public func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<[WorkerEvent]> {
        throw WorkerFailure(.unsupported, "\(host.name) is an embedding model; it writes no text")
    }

    public func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings {
        var embeddings = Embeddings(vectors: [], promptTokens: 0)
        for (index, input) in request.inputs.enumerated() {
            if Task.isCancelled { throw WorkerFailure(.cancelled, "the request was cancelled") }
            let vector: EmbeddingHost.Vector
            do {
                switch input {
                case .text(let text): vector = try host.embed(text)
                case .tokens(let tokens): vector = try host.embed(tokens: tokens)
                }
            } catch {
                var failure = WorkerFailure(engine: error)
                failure.field = "input[\(index)]"
                throw failure
            }
            embeddings.vectors.append(Embeddings.Vector(vector.values))
            embeddings.promptTokens += vector.tokens
        }
        return embeddings
    }
}
