import Foundation
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Has a worker generate, one request of it for each choice, and answers whole or as a stream.
struct GenerationAnswer: Sendable {
    /// How long a request may wait in the worker's queue.
    let startSecondsMax: Double?

    func chat(
        _ request: ChatRequest, _ deployment: Deployment, _ connection: ClientConnection, _ pass: RequestGate.Pass
    ) async throws -> Response {
        let head = ReplyHead(
            id: RequestID.make("chatcmpl"), created: Int(Date().timeIntervalSince1970), model: deployment.name,
            fingerprint: deployment.fingerprint)
        var job = WorkerRequest(
            id: head.id, prompt: .messages(request.messages.map(\.json), variables: request.templateVariables))
        job.sampling = request.sampling
        job.stop = request.stop
        job.maximumTokens = request.maximumTokens
        job.topLogProbabilities = request.topLogProbabilities
        job.constraint = request.constraint
        let run = Run(
            head: head, jobs: jobs(job, choices: request.choices), promptCount: 1,
            deployment: deployment, connection: connection, pass: pass,
            tellsLogProbabilities: request.topLogProbabilities != nil, includesUsage: request.includesUsage)
        return try await request.stream ? run.stream(ChatReply.self) : run.whole(ChatReply.self)
    }

    func completion(
        _ request: CompletionRequest, _ deployment: Deployment, _ connection: ClientConnection,
        _ pass: RequestGate.Pass
    ) async throws -> Response {
        let head = ReplyHead(
            id: RequestID.make("cmpl"), created: Int(Date().timeIntervalSince1970), model: deployment.name,
            fingerprint: deployment.fingerprint)
        var jobs: [WorkerRequest] = []
        for prompt in request.prompts {
            var job = WorkerRequest(id: head.id, prompt: .plain(prompt))
            job.sampling = request.sampling
            job.stop = request.stop
            job.maximumTokens = request.maximumTokens
            job.topLogProbabilities = request.topLogProbabilities
            job.constraint = request.constraint
            jobs += self.jobs(job, choices: request.choices)
        }
        let run = Run(
            head: head, jobs: jobs, promptCount: request.prompts.count, deployment: deployment,
            connection: connection, pass: pass, tellsLogProbabilities: request.topLogProbabilities != nil,
            includesUsage: request.includesUsage)
        return try await request.stream ? run.stream(CompletionReply.self) : run.whole(CompletionReply.self)
    }

    /// The choices of one prompt differ by their seeds. Every job has one, so that another worker could go on with it.
    private func jobs(_ job: WorkerRequest, choices: Int) -> [WorkerRequest] {
        let seed = job.sampling.seed ?? .random(in: .min ... .max)
        return (0..<choices).map { index in
            var job = job
            job.sampling.seed = seed &+ UInt64(index)
            job.startSeconds = startSecondsMax
            return job
        }
    }
}

/// One client request on its way through a worker.
private struct Run: Sendable {
    let head: ReplyHead
    /// Those of one prompt stand together.
    let jobs: [WorkerRequest]
    let promptCount: Int
    let deployment: Deployment
    let connection: ClientConnection
    let pass: RequestGate.Pass
    let tellsLogProbabilities: Bool
    let includesUsage: Bool

    func whole(_ shape: (some ReplyShape).Type) async throws -> Response {
        defer { pass.leave() }
        let outcomes = try await connection.whileOpen {
            try await forEachChoice(try await begin()) { _, generation -> (Choice, GenerationSummary) in
                var choice = Choice()
                let summary = try await generation.forEachDelta { choice.append($0) }
                choice.finish = summary.finish
                return (choice, summary)
            }
        }
        let usage = usage(outcomes.map(\.1))
        return HTTPReply.json(shape.whole(head, choices: outcomes.map(\.0), usage: usage))
    }

    func stream(_ shape: (some ReplyShape).Type) async throws -> Response {
        // What the worker refuses is refused with a status, before the stream begins.
        let generations = try await connection.whileOpen { try await begin() }
        return HTTPReply.events(
            connection.stream { continuation in
                defer { pass.leave() }
                @Sendable func send(_ json: JSON) { continuation.yield(ServerSentEvent(data: json.text)) }
                do {
                    let summaries = try await forEachChoice(generations) { index, generation -> GenerationSummary in
                        if let opening = shape.opening(head, index: index, announcesUsage: includesUsage) {
                            send(opening)
                        }
                        var offset = 0
                        let summary = try await generation.forEachDelta { delta in
                            // Tokens that gave no text yet are news only to who asked about tokens.
                            guard !delta.text.isEmpty || tellsLogProbabilities else { return }
                            send(shape.delta(head, index: index, delta, offset: offset, announcesUsage: includesUsage))
                            offset += delta.text.unicodeScalars.count
                        }
                        send(shape.closing(head, index: index, summary.finish, announcesUsage: includesUsage))
                        return summary
                    }
                    if includesUsage { send(shape.usage(head, usage(summaries))) }
                    continuation.yield(.done)
                } catch {
                    guard !connection.isClosed else { return }
                    send(ErrorObject(any: error).json)
                }
            })
    }

    /// Queues all choices at the worker; where one is refused, none is run.
    private func begin() async throws -> [WorkerGeneration] {
        try await forEachChoice(jobs) { _, job in try await deployment.client.generate(job) }
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
