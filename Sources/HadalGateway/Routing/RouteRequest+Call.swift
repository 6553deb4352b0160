import Foundation
import HadalAccess
import HadalJSON
import HadalRouting
import HadalWire

extension RouteRequest {
    /// What routes go by.
    /// - Parameters:
    ///   - promptTokens: an estimate.
    ///   - limits: whose price for the name that was asked for tells the cost.
    init(_ call: Call, _ caller: Caller, promptTokens: Int, limits: LimitConfiguration) {
        let principal = caller.principal
        let outputTokens = call.maximumAnswerTokens
        let cost = limits.estimate(call.model, promptTokens: promptTokens, answerTokens: outputTokens)
        self.init(
            id: RequestID.make("route"), tenant: principal.tenant, user: principal.userID.map { _ in principal.name },
            roles: Set(principal.roles), promptTokens: promptTokens, outputTokens: outputTokens,
            cost: cost.map { Decimal($0.billionths) / 1_000_000_000 }, features: call.features,
            isBackground: caller.isBackground)
    }
}

extension Call {
    /// What it needs of the model that answers it.
    var features: Set<RouteFeature> {
        switch self {
        case .chat(let request): return request.features(request.templateVariables)
        case .completion(let request):
            let features = request.features(JSON.Object())
            return request.suffix == nil ? features : features.union([.infill])
        case .responses(let request): return request.features(request.templateVariables)
        case .messages(let request), .messageCount(let request): return request.features(request.templateVariables)
        case .ollama(let request):
            let features = request.features(request.templateVariables)
            if case .infill = request.prompt { return features.union([.infill]) }
            return features
        case .embedding, .rerank, .ollamaEmbedding: return [.embeddings]
        case .ollamaShow, .tokenize, .detokenize: return []
        }
    }
}

extension GenerationSettings {
    fileprivate func features(_ variables: JSON.Object) -> Set<RouteFeature> {
        var features: Set<RouteFeature> = []
        if !tools.active.isEmpty { features.insert(.tools) }
        if constraint != nil || !tools.strict.isEmpty { features.insert(.structuredOutput) }
        if topLogProbabilities != nil { features.insert(.logprobs) }
        if ["thinking", "enable_thinking"].contains(where: { variables[$0]?.bool == true }) {
            features.insert(.reasoning)
        }
        return features
    }
}
