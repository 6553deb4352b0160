import HadalRouting
import HadalWire

/// A generation that a worker has accepted, and that outlives it: where the worker is lost, the next one takes the tokens
/// that came as its own and goes on after them, with the same bits.
struct WorkerGeneration: Sendable {
    /// How often one that gets no further may lose its worker: it may be what ends them.
    private static let lossesLimit = 4

    /// What has come.
    private struct Progress {
        var promptTokens: Int?
        var tokens: [Int32] = []
        var deltas = 0
        /// Since the last token.
        var losses = 0

        var usage: Usage { Usage(promptTokens: promptTokens ?? 0, completionTokens: tokens.count) }
    }

    let job: Job
    let deployment: Deployment
    let stream: WorkerStream
    /// That of the worker which has accepted it.
    let model: WorkerModel
    let visit: Visit
    let countsPrompt: Bool
    /// Held as long as the model is used.
    let use: ModelUse.Use
    /// nil: nobody else could have been asked.
    var attempt: Attempt?
    /// Where other workers of the same model are found.
    var targets: RouteTargets?

    /// Gives the deltas as they come, each once, until the generation is finished.
    /// - Parameters:
    ///   - onStart: told how many tokens the prompt has, before any delta.
    ///   - onCrash: told each time that the worker ended under it, without having been told to.
    ///   - body: tells whether it goes on. Where not, the generation ends, and what was used so far is its usage.
    /// - Throws: `WorkerFailure` where the worker gave up, `GatewayError.workerLost` where it broke off and no other goes on.
    func forEachDelta(
        onStart: (Int) async -> Void, onCrash: () -> Void, _ body: (GenerationDelta) async -> Bool
    ) async throws -> GenerationSummary {
        var progress = Progress()
        var finished: GenerationSummary?
        // Who hangs up has used what came until then.
        defer { visit.meter(finished?.usage ?? progress.usage, countsPrompt: countsPrompt) }
        var (member, stream, attempt) = (deployment, self.stream, self.attempt)
        // Of the worker that has taken it over.
        var taken: ModelUse.Use?
        defer { taken?.end() }
        // Who was told to stop has done what was wanted.
        defer { attempt?.finish(Task.isCancelled ? .cancelled : .success, at: .now) }
        while true {
            do {
                finished = try await follow(stream, attempt, &progress, onStart, body)
                return finished ?? GenerationSummary(finish: .contentFilter, usage: progress.usage)
            } catch {
                progress.losses += 1
                if case GatewayError.workerLost = error { onCrash() }
                attempt?.finish(Task.isCancelled ? .cancelled : AttemptEnd.outcome(of: error), at: .now)
                guard Deployment.isLoss(error), progress.losses <= Self.lossesLimit else { throw error }
                member.presence.use.lose(job.request.id)
                let rest = rest(after: progress)
                if let other = try await targets?.successor(of: model, member.served, takes: rest) {
                    taken?.end()
                    (member, stream, attempt, taken) = (other.member, other.stream, other.attempt, other.use)
                } else {
                    stream = try await member.successor(of: model, takes: rest, after: error)
                    attempt = nil
                }
            }
        }
    }

    /// - Returns: nil where it need not go on.
    private func follow(
        _ stream: WorkerStream, _ attempt: Attempt?, _ progress: inout Progress, _ onStart: (Int) async -> Void,
        _ body: (GenerationDelta) async -> Bool
    ) async throws -> GenerationSummary? {
        // The worker gives those again that came.
        var repeated = progress.deltas
        var summary: GenerationSummary?
        try await stream.forEachEvent { event in
            switch event {
            case .started(let promptTokens):
                if progress.promptTokens == nil { await onStart(promptTokens) }
                progress.promptTokens = promptTokens
            case .delta where repeated > 0: repeated -= 1
            case .delta(let delta):
                progress.deltas += 1
                progress.tokens.append(contentsOf: delta.tokens.lazy.map(\.id))
                if !delta.tokens.isEmpty { progress.losses = 0 }
                if progress.deltas == 1 { attempt?.progress(progress.promptTokens ?? 0) }
                attempt?.firstToken(at: .now)
                attempt?.progress(delta.tokens.count)
                return await body(delta)
            case .finished(let end):
                summary = end
                return false
            case .failed(let failure): throw failure
            }
            return true
        }
        return summary
    }

    private func rest(after progress: Progress) -> Job {
        var job = job
        job.request.generated = progress.tokens
        // It was begun in time.
        if !progress.tokens.isEmpty { job.request.startSeconds = nil }
        return job
    }
}
