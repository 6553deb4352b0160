import HadalJSON
import HadalWire

/// Fields that not every server knows, and streams.
extension UpstreamTrials {
    /// Fields of sampling.
    mutating func fields() async throws {
        let wrong: JSON = ["no": "value"]
        let penalty = identity.kind == .llamaCppPython ? "repeat_penalty" : "repetition_penalty"
        let all: [(UpstreamFeature, String, JSON, [String])] = [
            (.topK, "top_k", 5, ["top_k"]), (.minP, "min_p", 0.1, ["min_p"]),
            (.typicalP, "typical_p", 0.9, ["typical_p", "typ_p"]),
            (.repetitionPenalty, penalty, 1.1, ["repeat_penalty"]),
            (.frequencyPenalty, "frequency_penalty", 0.5, ["frequency_penalty"]),
            (.presencePenalty, "presence_penalty", 0.5, ["presence_penalty"]),
            (.logitBias, "logit_bias", ["7": -1], ["logit_bias"]), (.stopTokens, "stop_token_ids", [1], []),
            (.ignoresEndOfText, "ignore_eos", true, ["ignore_eos"]),
        ]
        for (feature, name, good, listed) in all {
            // llama.cpp takes its defaults for what has the wrong type, but lists what it has.
            if identity.kind == .llamaServer {
                if !identity.settings.isDisjoint(with: listed) { features.insert(feature) }
            } else if try await knows(name, good, bad: feature == .logitBias ? ["7": wrong] : wrong) {
                features.insert(feature)
            }
        }
        if [.vLLM, .sgLang].contains(identity.kind) {
            if try await knows("cache_salt", "hadal", bad: wrong) { features.insert(.cacheSalt) }
            let json = try await ask(either(nil, [("return_token_ids", true)]))
            if json?["choices"]?[0]?["token_ids"]?.array != nil { features.insert(.tokenIDs) }
        }
        if identity.kind.hasTemplate {
            let known = try await knows(
                "chat_template_kwargs", ["enable_thinking": false],
                bad: identity.kind == .llamaServer ? ["enable_thinking": "maybe"] : "text")
            if known, features.contains(.chat) { features.insert(.templateVariables) }
        }
    }

    mutating func streams() async throws {
        let extra: Members = [("stream", true), ("stream_options", ["include_usage": true])]
        let (path, body) = either(nil, extra, tokens: 2)
        do {
            let events = try await http.events(path, body)
            let chunks = events.compactMap { try? JSON(parsing: $0.data) }
            if (chunks.compactMap { $0["usage"]?["completion_tokens"]?.int }.last ?? 0) > 0 {
                features.insert(.streamUsage)
            }
        } catch let failure as WorkerFailure where failure.code == .invalidRequest {
            let (path, body) = either(nil, [("stream", true)])
            _ = try await http.events(path, body)
        }
        guard features.contains(.streamUsage), [.vLLM, .sgLang].contains(identity.kind) else { return }
        let options: JSON = ["include_usage": true, "continuous_usage_stats": true]
        let (further, asked) = either(nil, [("stream", true), ("stream_options", options)])
        let first = try await http.events(further, asked).first.flatMap { try? JSON(parsing: $0.data) }
        if (first?["usage"]?["prompt_tokens"]?.int ?? 0) > 0 { features.insert(.continuousUsage) }
    }
}
