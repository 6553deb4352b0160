import HadalHTTP
import HadalWire
import Hummingbird
import Logging

/// The way of a request, step by step: route → validate → choose deployment → worker → reply. Authentication, limits,
/// inspection, cache, metering and audit will stand here too, each a step with one entry point.
struct Pipeline: Sendable {
    let hosts: HostCheck
    let gate: RequestGate
    let validation: Validation
    let deployments: Deployments
    let generation: GenerationAnswer
    let embedding: EmbeddingAnswer
    let tokens: TokenAnswer
    let responses: ResponsesAnswer
    let files: FilesAnswer
    let messages: MessagesAnswer
    let ollama: OllamaAnswer
    let variants: VariantAnswer
    let information: InformationAnswer
    let logger: Logger

    func respond(to request: Request, _ connection: ClientConnection) async -> Response {
        do {
            return try await answer(request, connection)
        } catch {
            let object = ErrorObject(any: error)
            // What nobody waits for is tried again, and told of where it is gathered.
            if object.status >= 500, !Background.isOn {
                logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return ErrorShape(path: request.uri.path).response(object, error)
        }
    }

    private func answer(_ request: Request, _ connection: ClientConnection) async throws -> Response {
        try hosts.check(request)
        let route = try Route(method: request.method, path: request.uri.path)
        if let response = try await information.response(to: route, ollama, isHead: request.method == .head) {
            return response
        }
        if let response = try responses.response(to: route) { return response }
        if let response = try await files.response(to: route, request, connection) { return response }
        let pass = try gate.enter(for: connection, isBackground: Background.isOn)
        if let response = try await variants.response(to: route, request, connection, pass) { return response }
        let call = try await validation.call(route, request, connection)
        let deployment = try deployments.choose(call)
        switch call {
        case .chat(let chat): return try await generation.chat(chat, deployment, connection, pass)
        case .completion(let completion):
            return try await generation.completion(completion, deployment, connection, pass)
        case .embedding(let input): return try await embedding.response(to: input, deployment, connection, pass)
        case .rerank(let request): return try await embedding.rerank(request, deployment, connection, pass)
        case .responses(let request): return try await responses.create(request, deployment, connection, pass)
        case .messages(let request): return try await messages.response(to: request, deployment, connection, pass)
        case .messageCount(let request): return try await messages.count(request, deployment, connection, pass)
        case .ollama(let request): return try await ollama.response(to: request, deployment, connection, pass)
        case .ollamaEmbedding(let request): return try await ollama.embed(request, deployment, connection, pass)
        case .ollamaShow:
            pass.leave()
            return try ollama.show(call.model)
        case .tokenize(let request): return try await tokens.tokenize(request, deployment, connection, pass)
        case .detokenize(let request): return try await tokens.detokenize(request, deployment, connection, pass)
        }
    }
}
