import HTTPTypes
import HadalAccess
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

    /// Trying again helps where it is too much or too early, but not where a request alone is more than its limit.
    private static func retrySeconds(_ object: ErrorObject, _ error: any Error) -> Int? {
        guard object.status == 429 || object.status == 503 else { return nil }
        if let refusal = error as? LimitRefusal { return refusal.retryAfterSeconds }
        return object.retrySeconds ?? 1
    }

    func response(_ object: ErrorObject, _ error: any Error) -> Response {
        var headers = HTTPFields()
        if case GatewayError.methodNotAllowed(_, _, let allowed) = error {
            headers[.allow] = allowed.joined(separator: ", ")
        }
        if let seconds = ErrorShape.retrySeconds(object, error) { headers[.retryAfter] = "\(seconds)" }
        if object.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"hadal\"" }
        if let refusal = error as? LimitRefusal { headers.append(contentsOf: LimitStep.headers(refusal.status)) }
        if let refusal = error as? ContentRefusal, refusal.isShown {
            headers[.contentVerdicts] = refusal.verdicts.summary
        }
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
