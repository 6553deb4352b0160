import HadalCheckpoint
import HadalEngine
import HadalModels
import HadalWire

/// A text encoder as a worker's backend.
public struct EmbeddingBackend: WorkerBackend {
    private let host: EmbeddingHost
    public let model: WorkerModel

    public init(_ host: EmbeddingHost, checkpoint: Checkpoint) {
        self.host = host
        let architecture =
            checkpoint.gguf?.string("general.architecture") ?? checkpoint.config?["model_type"]?.string ?? "encoder"
        model = WorkerModel(
            architecture: architecture, contextLength: host.encoder.contextLength,
            vocabularySize: host.encoder.vocabularySize,
            parameters: checkpoint.tensors.values.reduce(0) { $0 + $1.count }, weightBytes: checkpoint.byteCount,
            fingerprint: "fp_\(architecture)_\(String(checkpoint.byteCount, radix: 36))", abilities: [.embedding],
            embeddingDimensions: host.encoder.width)
    }

    public func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<WorkerEvent> {
        throw WorkerFailure(.unsupported, "\(host.name) is an embedding model; it cannot generate text")
    }

    public func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings {
        var vectors: [Embeddings.Vector] = []
        var tokens = 0
        for input in request.inputs {
            do {
                let vector =
                    switch input {
                    case .text(let text): try host.embed(text)
                    case .tokens(let ids): try host.embed(tokens: ids)
                    }
                vectors.append(Embeddings.Vector(vector.values))
                tokens += vector.tokens
            } catch { throw WorkerFailure(engine: error) }
        }
        return Embeddings(vectors: vectors, promptTokens: tokens)
    }
}
