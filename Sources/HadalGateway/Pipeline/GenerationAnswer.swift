import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Has a worker generate, one request of it for each choice, and answers whole or as a stream.
struct GenerationAnswer: Sendable {
    let jobs: JobMaker
    /// Between two signs of life on a stream where nothing happens.
    let keepAlive: Duration

    func chat(
        _ request: ChatRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        let head = deployment.replyHead("chatcmpl")
        let prompt = WorkerRequest.Prompt.messages(request.messages.map(\.json), variables: request.templateVariables)
        let job = WorkerRequest(id: head.id, prompt: prompt, request)
        let run = Run(
            head: head, jobs: jobs.choices(job, deployment, visit.caller, request.choices), echoes: [], promptCount: 1,
            deployment: deployment,
            visit: visit, tellsLogProbabilities: request.topLogProbabilities != nil,
            includesUsage: request.includesUsage, keepAlive: keepAlive, ignored: request.ignored)
        return try await request.stream ? run.stream(ChatReply.self) : run.whole(ChatReply.self)
    }

    func completion(
        _ request: CompletionRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        let head = deployment.replyHead("cmpl")
        var all: [Job] = []
        for prompt in request.prompts {
            var job = WorkerRequest(id: head.id, prompt: .plain(prompt), request)
            if let suffix = request.suffix, let text = prompt.text {
                job.prompt = .infill(before: text, after: suffix)
            }
            all += jobs.choices(
                job, deployment, visit.caller, request.choices, after: all.count,
                tokens: CompletionRequest.usualTokens)
        }
        let echoes = request.echoes ? request.prompts.map { $0.text ?? "" } : []
        let run = Run(
            head: head, jobs: all, echoes: echoes, promptCount: request.prompts.count, deployment: deployment,
            visit: visit, tellsLogProbabilities: request.topLogProbabilities != nil,
            includesUsage: request.includesUsage, keepAlive: keepAlive, ignored: request.ignored)
        return try await request.stream ? run.stream(CompletionReply.self) : run.whole(CompletionReply.self)
    }
}

/// One client request on its way through a worker.
private struct Run: Sendable {
    let head: ReplyHead
    /// Those of one prompt stand together.
    let jobs: [Job]
    /// Of each prompt; empty where prompts are not repeated.
    let echoes: [String]
    let promptCount: Int
    let deployment: Deployment
    let visit: Visit
    let tellsLogProbabilities: Bool
    let includesUsage: Bool
    let keepAlive: Duration
    /// Fields of the request that made no difference.
    let ignored: [String]

    /// Repeats the prompt of a choice.
    private func echo(_ index: Int) -> String {
        echoes.isEmpty ? "" : echoes[index / (jobs.count / promptCount)]
    }

    func whole(_ shape: (some ReplyShape).Type) async throws -> Response {
        defer { visit.leave() }
        let (head, outcomes) = try await visit.connection.whileOpen {
            let generations = try await begin()
            return (
                answering(generations),
                try await forEachChoice(generations) { index, generation in
                    try await generation.whole(after: echo(index))
                }
            )
        }
        let usage = usage(outcomes.map(\.1))
        return HTTPReply.json(
            shape.whole(head, choices: outcomes.map(\.0), usage: usage), headers: Warnings.headers(ignored))
    }

    func stream(_ shape: (some ReplyShape).Type) async throws -> Response {
        // What the worker refuses is refused with a status, before the stream begins.
        let generations = try await visit.connection.whileOpen { try await begin() }
        let head = answering(generations)
        return HTTPReply.events(
            to: visit.connection, headers: Warnings.headers(ignored), keepAlive: .init(every: keepAlive)
        ) { reply in
            defer { visit.leave() }
            @Sendable func send(_ json: JSON) async { await reply.send(ServerSentEvent(data: json.text)) }
            do {
                let summaries = try await forEachChoice(generations) { index, generation -> GenerationSummary in
                    if let opening = shape.opening(head, index: index, announcesUsage: includesUsage) {
                        await send(opening)
                    }
                    var offset = 0
                    if !echo(index).isEmpty {
                        let delta = GenerationDelta(part: .content, text: echo(index), tokens: [])
                        await send(shape.delta(head, index: index, delta, offset: 0, announcesUsage: includesUsage))
                        offset = echo(index).unicodeScalars.count
                    }
                    let summary = try await generation.forEachDelta { delta in
                        // Tokens that gave no text yet are news only to who asked about tokens.
                        guard !delta.text.isEmpty || delta.beginsCall || tellsLogProbabilities else { return }
                        await send(
                            shape.delta(head, index: index, delta, offset: offset, announcesUsage: includesUsage))
                        offset += delta.text.unicodeScalars.count
                    }
                    await send(shape.closing(head, index: index, summary, announcesUsage: includesUsage))
                    return summary
                }
                if includesUsage { await send(shape.usage(head, usage(summaries))) }
                await reply.send(.done)
            } catch {
                await reply.sendLast([ServerSentEvent(data: ErrorObject(any: error).json.text)])
            }
        }
    }

    /// Queues all choices at the worker; where one is refused, none is run.
    private func begin() async throws -> [GuardedGeneration] {
        let perPrompt = jobs.count / promptCount
        @Sendable func begin(_ index: Int, _ deployment: Deployment) async throws -> GuardedGeneration {
            try await visit.generate(jobs[index], deployment, countsPrompt: index % perPrompt == 0)
        }
        guard deployment.route != nil, jobs.count > 1 else {
            return try await forEachChoice(jobs) { index, _ in try await begin(index, deployment) }
        }
        // One answer is of one model: the first choice decides which.
        let first = try await begin(0, deployment)
        let others = try await forEachChoice(Array(jobs.dropFirst())) { index, _ in
            try await begin(index + 1, first.deployment)
        }
        return [first] + others
    }

    /// The head with the fingerprint of the model that answers.
    private func answering(_ generations: [GuardedGeneration]) -> ReplyHead {
        var head = self.head
        if let first = generations.first { head.fingerprint = first.fingerprint }
        return head
    }

    /// Runs `body` for all at once and gives the results in order; the first error ends the others.
    private func forEachChoice<Element: Sendable, Result: Sendable>(
        _ elements: [Element], _ body: @escaping @Sendable (Int, Element) async throws -> Result
    ) async throws -> [Result] {
        if elements.count == 1 { return [try await body(0, elements[0])] }
        return try await withThrowingTaskGroup(of: (Int, Result).self) { group in
            for (index, element) in elements.enumerated() {
                group.addTask { (index, try await body(index, element)) }
            }
            var results = [Result?](repeating: nil, count: elements.count)
            for try await (index, result) in group { results[index] = result }
            return results.map { $0! }
        }
    }

    private func usage(_ summaries: [GenerationSummary]) -> Usage {
        var usage = Usage()
        let perPrompt = summaries.count / promptCount
        for (index, summary) in summaries.enumerated() {
            usage.add(summary.usage, countsPrompt: index % perPrompt == 0)
        }
        return usage
    }
}
