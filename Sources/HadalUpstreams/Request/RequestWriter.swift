import HadalJSON
import HadalWire

/// Writes the parts of an upstream's request.
struct RequestWriter: Sendable {
    let request: WorkerRequest
    let upstream: String
    let can: UpstreamCapabilities

    typealias Members = [(String, JSON?)]

    func need(_ feature: UpstreamFeature, _ field: String, _ what: String) throws(WorkerFailure) {
        guard can.can(feature) else { throw refusal(field, what) }
    }

    func refusal(_ field: String, _ what: String) -> WorkerFailure {
        WorkerFailure(.unsupported, "the model is served by \(upstream), which takes \(what)", field: field)
    }

    /// What only conversations have.
    func refuseOfConversations() throws(WorkerFailure) {
        guard request.tools.active.isEmpty else { throw refusal("tools", "tools in conversations only") }
        guard !request.continuesLast else {
            throw refusal("continue_final_message", "a message to continue in conversations only")
        }
    }

    // MARK: length and stream

    func length(_ shape: UpstreamCall.Shape) throws(WorkerFailure) -> Members {
        let name: String =
            switch (shape, can.kind) {
            case (.infill, _): "n_predict"
            case (.chat, .openAI): "max_completion_tokens"
            default: "max_tokens"
            }
        if let tokens = request.maximumTokens {
            // A worker cuts more than fits to it; others refuse it.
            return [(name, .int(Int64(min(tokens, max(can.contextLength, 1)))))]
        }
        // Chats go on as far as the context does, plain prompts in most servers for 16 tokens.
        guard shape == .completion else { return [] }
        switch can.kind {
        case .llamaServer, .ollama: return []
        case .vLLM, .llamaCppPython: return [(name, .null)]
        case .hadal: return [(name, .int(Int64(can.contextLength)))]
        case .openAI, .deepSeek, .sgLang, .other:
            throw refusal("max_tokens", "no plain prompt without a number of tokens")
        }
    }

    func stream(_ shape: UpstreamCall.Shape) -> Members {
        guard shape != .infill else { return [("stream", true)] }
        var options: Members = []
        if can.can(.streamUsage) { options.append(("include_usage", true)) }
        if can.can(.continuousUsage) { options.append(("continuous_usage_stats", true)) }
        return [
            ("return_token_ids", can.can(.tokenIDs) ? true : nil),
            ("cache_salt", can.can(.cacheSalt) && !request.tenant.isEmpty ? .string(request.tenant) : nil),
            ("stream", true), ("stream_options", options.isEmpty ? nil : .compact(options)),
        ]
    }

    func logProbabilities(_ shape: UpstreamCall.Shape) throws(WorkerFailure) -> Members {
        guard let top = request.topLogProbabilities else { return [] }
        // llama.cpp takes 0 for none at all. What is more than was asked for is cut off again.
        let count = JSON.int(Int64(max(top, 1)))
        switch shape {
        case .chat:
            try need(.chatLogProbabilities, "logprobs", "no log-probabilities in conversations")
            return [("logprobs", true), ("top_logprobs", count)]
        case .completion:
            try need(.completionLogProbabilities, "logprobs", "no log-probabilities for plain prompts")
            return [("logprobs", count)]
        case .infill: throw refusal("logprobs", "no log-probabilities where a gap is filled")
        }
    }
}
