import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Has a worker generate and answers as Anthropic does.
struct MessagesAnswer: Sendable {
    let jobs: JobMaker
    let keepAlive: Duration

    private func job(
        _ request: MessagesRequest, _ deployment: Deployment, _ caller: Caller, id: String
    ) -> Job {
        jobs.job(id: id, messages: request.messages, variables: request.templateVariables, request, deployment, caller)
    }

    func response(
        to request: MessagesRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        let head = deployment.replyHead("msg")
        let job = job(request, deployment, visit.caller, id: head.id)
        guard request.stream else {
            defer { visit.leave() }
            let (choice, summary) = try await visit.connection.whileOpen {
                try await visit.generate(job, deployment).whole()
            }
            return HTTPReply.json(
                MessagesReply.whole(head, choice, usage: summary.usage), headers: Warnings.headers(request.ignored))
        }
        // What the worker refuses is refused with a status, before the stream begins.
        let generation = try await visit.connection.whileOpen { try await visit.generate(job, deployment) }
        return HTTPReply.events(
            to: visit.connection, headers: Warnings.headers(request.ignored),
            keepAlive: .init(every: keepAlive, MessagesStream.ping)
        ) { reply in
            defer { visit.leave() }
            var stream = MessagesStream(head)
            var isOpen = false
            func open(promptTokens: Int) async {
                if !isOpen { await reply.send([stream.opening(promptTokens: promptTokens), MessagesStream.ping]) }
                isOpen = true
            }
            do {
                let summary = try await generation.forEachDelta(onStart: { await open(promptTokens: $0) }) {
                    delta in
                    await open(promptTokens: 0)
                    await reply.send(stream.events(delta))
                }
                await open(promptTokens: 0)
                await reply.send(stream.closing(summary))
            } catch {
                await reply.sendLast([MessagesStream.failure(ErrorObject(any: error))])
            }
        }
    }

    func count(
        _ request: MessagesRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        defer { visit.leave() }
        let job = TokenizeRequest(job(request, deployment, visit.caller, id: RequestID.make("msg")).request)
        let prompt = try await visit.connection.whileOpen { try await deployment.tokenize(job) }
        return HTTPReply.json(["input_tokens": .int(Int64(prompt.tokens.count))])
    }
}
