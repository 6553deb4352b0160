import Foundation
import HTTPTypes
import HadalAccess
import HadalHTTP
import HadalWire
import Hummingbird
import Logging
import Tracing

/// The way of a request, step by step: route → authenticate → authorise → validate → limit → choose deployment → contents
/// (inspect → cache → worker → inspect the answer → record) → reply.
struct Pipeline: Sendable {
    let hosts: HostCheck
    let authentication: Authentication
    let gate: RequestGate
    let limits: LimitStep
    let shedding: Shedding
    let validation: Validation
    /// nil: no answer can be asked for again.
    let resumable: ResumableStep?
    let content: ContentStep
    let generation: GenerationAnswer
    let embedding: EmbeddingAnswer
    let tokens: TokenAnswer
    let responses: ResponsesAnswer
    let files: FilesAnswer
    let messages: MessagesAnswer
    let ollama: OllamaAnswer
    let variants: VariantAnswer
    let information: InformationAnswer
    let administration: AdministrationAnswer
    let metrics: GatewayMetrics
    let logger: Logger

    /// - Parameter creator: who asked for the batch that the request is a line of.
    func respond(
        to request: Request, _ connection: ClientConnection, asBatchOf creator: Principal? = nil
    ) async -> Response {
        let (identity, span) = (RequestIdentity.make(request.headers), RequestSpan(request))
        return await ServiceContext.withValue(span.context) {
            await RequestIdentity.$current.withValue(identity) {
                let start = ContinuousClock.now
                var labels = RequestLabels()
                var response = await response(to: request, connection, creator, &labels)
                response.headers[.requestID] = identity
                return metrics.counted(response, as: labels, since: start, span, isBatched: creator != nil)
            }
        }
    }

    private func response(
        to request: Request, _ connection: ClientConnection, _ creator: Principal?, _ labels: inout RequestLabels
    ) async -> Response {
        do {
            return try await answer(request, connection, creator, &labels)
        } catch {
            let object = ErrorObject(any: error)
            if let refusal = error as? LimitRefusal { metrics.count(refusal, tenant: labels.tenant) }
            var isShed = false
            if case GatewayError.shed(let model) = error {
                isShed = true
                metrics.countShed(model: model, tenant: labels.tenant)
            }
            // What nobody waits for is tried again, and told of where it is gathered.
            if object.status >= 500, creator == nil, !isShed {
                logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            await record(object, request, connection, labels)
            return ErrorShape(path: request.uri.path).response(object, error)
        }
    }

    /// Of a request that was refused before there was anything else to record of it.
    private func record(
        _ error: ErrorObject, _ request: Request, _ connection: ClientConnection, _ labels: RequestLabels
    ) async {
        guard let asker = labels.asker else { return }
        let address = authentication.address(of: request, connection)
        await content.audit?.record(
            RefusedRequest(
                principal: asker, endpoint: request.uri.path, address: address?.description, error: error))
    }

    private func answer(
        _ request: Request, _ connection: ClientConnection, _ creator: Principal?, _ labels: inout RequestLabels
    ) async throws -> Response {
        try hosts.check(request)
        if AdministrationAnswer.isAbout(request) {
            labels.route = "administration"
            return await administration.response(to: request, connection)
        }
        let route = try Route(method: request.method, path: request.uri.path)
        labels.route = route.name
        let caller = try await authentication.caller(of: request, for: route, connection, creator)
        labels.tenant = caller.principal == .nobody ? "" : caller.principal.tenant
        if let response = try await information.response(
            to: route, caller, isHead: request.method == .head, accept: request.headers[.accept])
        {
            return response
        }
        if let response = try responses.response(to: route, caller) { return response }
        if let response = try await files.response(to: route, request, caller) { return response }
        if let resumable, creator == nil, route.generates, let key = try KeptAnswers.key(of: request) {
            return try await answer(request, route, caller, resumable, key)
        }
        return try await answer(request, route, caller, &labels)
    }

    /// The same whether or not the client stays.
    private func answer(
        _ request: Request, _ route: Route, _ caller: Caller, _ resumable: ResumableStep, _ key: String
    ) async throws -> Response {
        let body = try await validation.bodies.bytes(request, caller.connection)
        let kept = Request(head: request.head, body: RequestBody(buffer: body))
        return try await resumable.response(under: key, to: request, body: Data(body.readableBytesView), caller) {
            connection, seed in
            var labels = RequestLabels()
            do { return try await answer(kept, route, caller.over(connection, seed: seed), &labels) } catch {
                await record(ErrorObject(any: error), kept, caller.connection, labels)
                throw error
            }
        }
    }

    private func answer(
        _ request: Request, _ route: Route, _ caller: Caller, _ labels: inout RequestLabels
    ) async throws -> Response {
        labels.asker = caller.principal
        let connection = caller.connection
        // Before the body is read: bodies take memory.
        let pass = try gate.enter(for: connection, isBackground: caller.isBackground)
        let facts = RequestFacts(request, address: authentication.address(of: request, connection))
        if route.isAboutVariants {
            return try await variants.response(to: route, request, Visit(caller, facts, content, pass))
        }
        let call = try await validation.call(route, request, connection)
        let deployment = try caller.deployments.choose(call) {
            limits.routeRequest(call, caller, bodyBytes: request.bodyBytes)
        }
        try shedding.check(call, caller, deployment, limits.configuration)
        let admission = try await limits.admit(caller, call, deployment, bodyBytes: request.bodyBytes)
        let visit = Visit(caller, facts, content, pass, admission)
        if deployment.route != nil || deployment.version != nil { visit.note(model: deployment.served) }
        if let route = deployment.route { visit.note(route: route) }
        labels.asker = nil
        var response = try await answer(call, deployment, visit)
        response.headers.append(contentsOf: LimitStep.headers(admission.status))
        response.headers.append(contentsOf: visit.headers)
        return response
    }

    private func answer(_ call: Call, _ deployment: Deployment, _ visit: Visit) async throws -> Response {
        switch call {
        case .chat(let chat): return try await generation.chat(chat, deployment, visit)
        case .completion(let completion): return try await generation.completion(completion, deployment, visit)
        case .embedding(let input): return try await embedding.response(to: input, deployment, visit)
        case .rerank(let request): return try await embedding.rerank(request, deployment, visit)
        case .responses(let request): return try await responses.create(request, deployment, visit)
        case .messages(let request): return try await messages.response(to: request, deployment, visit)
        case .messageCount(let request): return try await messages.count(request, deployment, visit)
        case .ollama(let request): return try await ollama.response(to: request, deployment, visit)
        case .ollamaShow(let model):
            visit.leave()
            return try ollama.show(model, visit.caller.deployments)
        case .ollamaEmbedding(let request): return try await ollama.embed(request, deployment, visit)
        case .tokenize(let request): return try await tokens.tokenize(request, deployment, visit)
        case .detokenize(let request): return try await tokens.detokenize(request, deployment, visit)
        }
    }
}
