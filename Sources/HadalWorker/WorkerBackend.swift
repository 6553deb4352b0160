import HadalWire

/// What a `WorkerServer` serves: one model.
public protocol WorkerBackend: Sendable {
    var model: WorkerModel { get }

    /// Checks a request and queues it. The stream gives deltas, those of one step together, and then one `finished` or
    /// `failed`; ending its iteration early stops the generation within one step.
    /// - Throws: `WorkerFailure` where the request cannot be done.
    func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<[WorkerEvent]>

    /// - Throws: `WorkerFailure`, `unsupported` where the model is no encoder.
    func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings

    /// The tokens that a generation would begin from.
    func tokenize(_ request: TokenizeRequest) async throws(WorkerFailure) -> TokenizedPrompt

    func detokenize(_ request: DetokenizeRequest) async throws(WorkerFailure) -> String

    /// Computes a little with the whole model, so that the first request finds memory mapped and threads awake.
    /// - Throws: `WorkerFailure` where the model cannot compute: then it is of no use.
    func warmUp() async throws(WorkerFailure)

    /// Looks at the engine for a while, in which it does as ever. Cancelling the task ends it.
    /// - Throws: `WorkerFailure`: `busy` where somebody else does, `unsupported` where there is no engine.
    func profile(_ request: ProfileRequest) async throws(WorkerFailure) -> WorkerProfile

    /// Of the engine, where there is one.
    var figures: EngineFigures? { get }

    /// Called once no request is in progress any more, before the process ends.
    func shutdown() async
}

extension WorkerBackend {
    public var figures: EngineFigures? { nil }

    public func warmUp() async throws(WorkerFailure) {}

    public func tokenize(_ request: TokenizeRequest) async throws(WorkerFailure) -> TokenizedPrompt {
        throw WorkerFailure(.unsupported, "this model does not show its tokens")
    }

    public func detokenize(_ request: DetokenizeRequest) async throws(WorkerFailure) -> String {
        throw WorkerFailure(.unsupported, "this model does not show its tokens")
    }

    public func profile(_ request: ProfileRequest) async throws(WorkerFailure) -> WorkerProfile {
        throw WorkerFailure(.unsupported, "this model has no engine that could be profiled: it is no language model")
    }

    public func shutdown() async {}
}
