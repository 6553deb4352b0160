import HTTPTypes
import HadalHTTP
import HadalJSON
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
    let information: InformationAnswer
    let logger: Logger

    func respond(to request: Request, _ connection: ClientConnection) async -> Response {
        do {
            return try await answer(request, connection)
        } catch {
            let object = ErrorObject(any: error)
            if object.status >= 500 {
                logger.error("request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
            }
            return ErrorAnswer.response(object, error)
        }
    }

    private func answer(_ request: Request, _ connection: ClientConnection) async throws -> Response {
        try hosts.check(request)
        let route = try Route(method: request.method, path: request.uri.path)
        if let response = try await information.response(to: route, isHead: request.method == .head) { return response }
        let pass = try gate.enter(for: connection)
        let call = try await validation.call(route, request)
        let deployment = try deployments.choose(call)
        switch call {
        case .chat(let chat): return try await generation.chat(chat, deployment, connection, pass)
        case .completion(let completion):
            return try await generation.completion(completion, deployment, connection, pass)
        case .embedding(let input): return try await embedding.response(to: input, deployment, connection, pass)
        }
    }
}

/// An error as a response.
enum ErrorAnswer {
    static func response(_ object: ErrorObject, _ error: any Error) -> Response {
        var headers = HTTPFields()
        if case GatewayError.methodNotAllowed(_, _, let allowed) = error {
            headers[.allow] = allowed.joined(separator: ", ")
        }
        if object.status == 429 || object.status == 503 { headers[.retryAfter] = "\(object.retrySeconds ?? 1)" }
        // Who is sent away because the server stops should not come back on this connection.
        if object.code == "draining" { headers[.connection] = "close" }
        return HTTPReply.json(object.json, status: object.status, headers: headers)
    }
}
