import HadalJSON
import HadalWire

/// What a worker is asked.
struct Job: Sendable {
    var request: WorkerRequest
    /// Whether the client chose the seed; else it was drawn.
    let hasOwnSeed: Bool
}

/// Makes what a worker is asked of what a client asked.
struct JobMaker: Sendable {
    /// How long a request may wait in the worker's queue.
    let startSecondsMax: Double?

    /// The choices of one prompt differ by their seeds. Every job has one, so that another worker could go on with it.
    ///
    /// - Parameters:
    ///   - first: how many choices the request's other prompts have, which get other seeds where it names none.
    ///   - tokens: at most so many where neither request nor model say; nil: as far as the context goes.
    func choices(
        _ job: WorkerRequest, _ deployment: Deployment, _ caller: Caller, _ count: Int = 1, after first: Int = 0,
        tokens: Int? = nil
    ) -> [Job] {
        var job = deployment.filled(job)
        job.maximumTokens = job.maximumTokens ?? tokens
        job.tenant = caller.engineTenant
        let ownSeed = job.sampling.seed
        let seed = ownSeed ?? caller.seed.map { $0 &+ UInt64(first) } ?? .random(in: .min ... .max)
        return (0..<count).map { index in
            var job = job
            job.sampling.seed = seed &+ UInt64(index)
            // What nobody waits for makes room for all others, and can wait.
            job.priority = caller.isBackground ? WorkerRequest.priorities.lowerBound : 0
            job.startSeconds = caller.isBackground ? nil : startSecondsMax
            return Job(request: job, hasOwnSeed: ownSeed != nil)
        }
    }

    /// The one job of a conversation.
    func job(
        id: String, messages: [ChatMessage], variables: JSON.Object, _ settings: some GenerationSettings,
        _ deployment: Deployment, _ caller: Caller
    ) -> Job {
        let prompt = WorkerRequest.Prompt.messages(messages.map(\.json), variables: variables)
        return choices(WorkerRequest(id: id, prompt: prompt, settings), deployment, caller)[0]
    }
}
