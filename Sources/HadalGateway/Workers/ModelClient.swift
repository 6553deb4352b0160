import HadalUpstreams
import HadalWire

/// Who answers for a model: a worker, or another server in its place.
protocol ModelClient: Sendable {
    /// Whether it goes on with an answer that was begun by another one with the same model.
    var continuesAnswers: Bool { get }

    /// What another server has been seen to do; nil: it is a worker, which does all that its model can.
    var provenFeatures: Set<UpstreamFeature>? { get }

    func describe() async throws -> WorkerModel
    /// What one tells that may be away.
    /// - Throws: why it cannot be used, as the connection or the other side says it.
    func look() async throws -> WorkerModel
    func health() async throws -> WorkerHealth
    func embed(_ request: EmbedRequest) async throws -> Embeddings
    func tokenize(_ request: TokenizeRequest) async throws -> TokenizedPrompt
    func detokenize(_ request: DetokenizeRequest) async throws -> String
    /// Returns once the request is accepted. Dropping what is returned ends the generation.
    /// - Parameter hasOwnSeed: whether the client chose the seed; else it was drawn here.
    func generate(_ request: WorkerRequest, hasOwnSeed: Bool) async throws -> WorkerStream
    /// Ends what it holds open, when nobody asks it any more.
    func end() async
}

extension ModelClient {
    var provenFeatures: Set<UpstreamFeature>? { nil }
}
