import HadalWire

/// Makes what a worker is asked of what a client asked.
struct JobMaker: Sendable {
    /// How long a request may wait in the worker's queue.
    let startSecondsMax: Double?

    func job(id: String, chat request: ChatRequest) -> WorkerRequest {
        var job = WorkerRequest(
            id: id, prompt: .messages(request.messages.map(\.json), variables: request.templateVariables))
        job.sampling = request.sampling
        job.stop = request.stop
        job.maximumTokens = request.maximumTokens
        job.topLogProbabilities = request.topLogProbabilities
        job.constraint = request.constraint
        job.tools = request.tools
        job.continuesLast = request.continuesLast
        return job
    }

    /// The choices of one prompt differ by their seeds. Every job has one, so that another worker could go on with it.
    func choices(_ job: WorkerRequest, _ count: Int = 1) -> [WorkerRequest] {
        let seed = job.sampling.seed ?? .random(in: .min ... .max)
        return (0..<count).map { index in
            var job = job
            job.sampling.seed = seed &+ UInt64(index)
            job.startSeconds = startSecondsMax
            return job
        }
    }
}
