import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// Has a worker generate and answers as `/v1/responses` does.
struct ResponsesAnswer: Sendable {
    let jobs: JobMaker
    let keepAlive: Duration

    func create(
        _ request: ResponsesRequest, _ deployment: Deployment, _ visit: Visit
    ) async throws -> Response {
        let head = deployment.replyHead("resp", "_")
        let store = visit.caller.space.responses
        let earlier = try request.previousID.map { (id) throws(GatewayError) in
            try store.entry(id, field: "previous_response_id").messages
        }
        let conversation = (earlier ?? []) + request.messages
        let instructions = request.instructions.map { [ChatMessage(role: .system, content: $0)] } ?? []
        let job = jobs.job(
            id: head.id, messages: instructions + conversation, variables: request.templateVariables, request,
            deployment, visit.caller)
        @Sendable func keep(_ response: JSON, _ choice: Choice) {
            // A batch keeps its answers itself.
            guard request.isStored, !visit.caller.isBackground else { return }
            let answer = ChatMessage(assistant: choice, head)
            store.keep(
                head.id,
                .init(response: response, inputItems: request.inputItems, messages: conversation + [answer]))
        }
        guard request.stream else {
            defer { visit.leave() }
            let (choice, summary) = try await visit.connection.whileOpen {
                try await visit.generate(job, deployment).whole()
            }
            let response = ResponsesReply.whole(head, repeating: request.repeated, choice, summary)
            keep(response, choice)
            return HTTPReply.json(response, headers: Warnings.headers(request.ignored))
        }
        // What the worker refuses is refused with a status, before the stream begins.
        let generation = try await visit.connection.whileOpen { try await visit.generate(job, deployment) }
        return HTTPReply.events(
            to: visit.connection, headers: Warnings.headers(request.ignored), keepAlive: .init(every: keepAlive)
        ) { reply in
            defer { visit.leave() }
            var stream = ResponsesStream(head, repeating: request.repeated)
            var choice = Choice()
            do {
                await reply.send(stream.opening())
                let summary = try await generation.forEachDelta { delta in
                    choice.append(delta)
                    await reply.send(stream.events(delta))
                }
                choice.close(summary)
                let (events, response) = stream.closing(summary)
                // Whoever has read the end can ask for it.
                keep(response, choice)
                await reply.send(events)
            } catch {
                await reply.sendLast(stream.failure(ErrorObject(any: error)))
            }
        }
    }

    /// - Returns: nil for routes that ask for something else.
    func response(to route: Route, _ caller: Caller) throws -> Response? {
        let store = caller.space.responses
        switch route {
        case .response(let id): return HTTPReply.json(try store.entry(id).response)
        case .responseInput(let id):
            return HTTPReply.json(ListPage.json(try store.entry(id).inputItems, hasMore: false))
        case .responseDeletion(let id):
            try store.delete(id)
            return HTTPReply.json(Deletion.json("response", id))
        default: return nil
        }
    }
}
