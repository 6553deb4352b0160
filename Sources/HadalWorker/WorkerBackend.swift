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
}
