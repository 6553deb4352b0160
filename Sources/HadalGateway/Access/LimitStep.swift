import HTTPTypes
import HadalAccess
import HadalRouting
import HadalWire
import Hummingbird

/// Lets requests begin as far as their callers' limits allow.
struct LimitStep: Sendable {
    let limiter: Limiter
    let configuration: LimitConfiguration

    /// - Parameter bodyBytes: of the request, by which its prompt is estimated; what it was in the end is counted.
    func admit(_ caller: Caller, _ call: Call, _ deployment: Deployment, bodyBytes: Int) async throws -> Admission {
        let request = LimitedRequest(
            caller.principal, model: deployment.catalogName, promptTokens: LimitStep.promptTokens(bodyBytes: bodyBytes),
            maximumAnswerTokens: call.maximumAnswerTokens)
        return try await limiter.admit(request)
    }

    /// What routes go by, with the same estimate.
    func routeRequest(_ call: Call, _ caller: Caller, bodyBytes: Int) -> RouteRequest {
        RouteRequest(
            call, caller, promptTokens: LimitStep.promptTokens(bodyBytes: bodyBytes), limits: configuration)
    }

    private static func promptTokens(bodyBytes: Int) -> Int { bodyBytes / bytesPerToken }

    /// Of a body in JSON; a guess that is rather too high for English and too low for code.
    private static let bytesPerToken = 5

    static func headers(_ status: RateLimitStatus) -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in status.headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        return fields
    }
}

extension Request {
    /// As its head says; bodies that come in chunks are taken for short.
    var bodyBytes: Int { headers[.contentLength].flatMap { Int($0) } ?? 4096 }
}

extension Call {
    /// The most that the answers together may be; nil: the request does not say.
    var maximumAnswerTokens: Int? {
        switch self {
        case .chat(let request): request.maximumTokens.map { $0 * request.choices }
        case .completion(let request):
            (request.maximumTokens ?? CompletionRequest.usualTokens) * request.choices * request.prompts.count
        case .responses(let request): request.maximumTokens
        case .messages(let request): request.maximumTokens
        case .ollama(let request): request.maximumTokens
        case .embedding, .rerank, .messageCount, .ollamaEmbedding, .ollamaShow, .tokenize, .detokenize: 0
        }
    }
}
