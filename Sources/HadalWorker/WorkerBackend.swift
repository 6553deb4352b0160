import HadalWire

/// What a `WorkerServer` serves: one model.
public protocol WorkerBackend: Sendable {
    var model: WorkerModel { get }

    /// Checks a request and queues it. The stream gives deltas and then one `finished` or `failed`; ending its iteration
    /// early stops the generation within one step.
    /// - Throws: `WorkerFailure` where the request cannot be done.
    func generate(_ request: WorkerRequest) async throws(WorkerFailure) -> AsyncStream<WorkerEvent>

    /// - Throws: `WorkerFailure`, `unsupported` where the model is no encoder.
    func embed(_ request: EmbedRequest) async throws(WorkerFailure) -> Embeddings

    /// Of the engine, where there is one.
    var figures: EngineFigures? { get }

    /// Called once no request is in progress any more, before the process ends.
    func shutdown() async
}

extension WorkerBackend {
    public var figures: EngineFigures? { nil }

    public func shutdown() async {}
}
