import HTTPTypes
import HadalHTTP
import HadalJSON
import HadalWire
import Hummingbird

/// How an error is told: each protocol's clients read their own shape.
enum ErrorShape: Sendable, Hashable {
    case openAI, anthropic, ollama

    init(path: String) {
        if path.hasPrefix("/anthropic/") || path.hasPrefix("/v1/messages") {
            self = .anthropic
        } else if path.hasPrefix("/api/") {
            self = .ollama
        } else {
            self = .openAI
        }
    }

    func response(_ object: ErrorObject, _ error: any Error) -> Response {
        var headers = HTTPFields()
        if case GatewayError.methodNotAllowed(_, _, let allowed) = error {
            headers[.allow] = allowed.joined(separator: ", ")
        }
        if object.status == 429 || object.status == 503 { headers[.retryAfter] = "\(object.retrySeconds ?? 1)" }
        // Who is sent away because the server stops should not come back on this connection.
        if object.code == "draining" { headers[.connection] = "close" }
        switch self {
        case .openAI: return HTTPReply.json(object.json, status: object.status, headers: headers)
        case .anthropic:
            return HTTPReply.json(object.anthropicJSON, status: object.anthropicStatus, headers: headers)
        case .ollama: return HTTPReply.json(object.ollamaJSON, status: object.status, headers: headers)
        }
    }
}
