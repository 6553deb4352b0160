import HadalModels
import HadalTokenization

extension GenerationRequest {
    public static let topLogProbabilitiesMax = 100
    public static let stopsMax = 64
    /// UTF-8 bytes of one stop string.
    public static let stopBytesMax = 1024
    public static let priorities = -100...100
    /// UTF-8 bytes.
    public static let tenantBytesMax = 256

    /// The request as the engine runs it: an empty prompt becomes the token that begins a text, and the number of tokens
    /// what fits the context.
    ///
    /// - Parameters:
    ///   - contextLength: the most tokens of a prompt and its answer together.
    ///   - isCacheTheLimit: whether it is the cache's size that gives `contextLength`.
    func checked(
        tokenizer: any Tokenizer, vocabulary: Int, contextLength: Int, isCacheTheLimit: Bool
    ) throws(EngineError) -> GenerationRequest {
        var request = self
        if request.prompt.isEmpty {
            guard let start = tokenizer.beginningOfText else { throw .emptyPrompt }
            request.prompt = [start]
        }
        for tokens in [request.prompt, request.generated] {
            if let token = tokens.first(where: { $0 < 0 || $0 >= vocabulary }) {
                throw .tokenOutOfRange(token, vocabulary: vocabulary)
            }
        }
        guard request.prompt.count < contextLength else {
            if isCacheTheLimit {
                throw .promptExceedsCache(tokens: request.prompt.count, limit: contextLength - 1)
            }
            throw .promptTooLong(tokens: request.prompt.count, limit: contextLength - 1)
        }
        guard request.maximumTokens > 0 else {
            throw .invalidParameter("max_tokens", problem: "\(request.maximumTokens) is not at least 1")
        }
        request.maximumTokens = min(request.maximumTokens, contextLength - request.prompt.count)
        guard request.generated.count <= request.maximumTokens else {
            throw .invalidParameter(
                "generated", problem: "\(request.generated.count) tokens; at most \(request.maximumTokens)")
        }
        try request.sampling.validate(vocabulary: vocabulary)
        if let top = request.topLogProbabilities, !(0...Self.topLogProbabilitiesMax).contains(top) {
            throw .invalidParameter("top_logprobs", problem: "\(top) is not from 0 to \(Self.topLogProbabilitiesMax)")
        }
        guard Self.priorities.contains(request.priority) else {
            throw .invalidParameter(
                "priority",
                problem:
                    "\(request.priority) is not from \(Self.priorities.lowerBound) to \(Self.priorities.upperBound)")
        }
        guard request.tenant.utf8.count <= Self.tenantBytesMax else {
            throw .invalidParameter("tenant", problem: "has more than \(Self.tenantBytesMax) bytes")
        }
        request.stops.removeAll(where: \.isEmpty)
        guard request.stops.count <= Self.stopsMax else {
            throw .invalidParameter("stop", problem: "\(request.stops.count) strings; at most \(Self.stopsMax)")
        }
        if let long = request.stops.first(where: { $0.utf8.count > Self.stopBytesMax }) {
            throw .invalidParameter(
                "stop", problem: "a string of \(long.utf8.count) bytes; at most \(Self.stopBytesMax)")
        }
        return request
    }
}

extension SamplingParameters {
    /// - Throws: `EngineError.invalidParameter` that names the parameter and its range.
    public func validate(vocabulary: Int) throws(EngineError) {
        func check(_ name: String, _ value: Float, _ range: ClosedRange<Float>) throws(EngineError) {
            guard range.contains(value) else {
                throw .invalidParameter(
                    name, problem: "\(value) is not from \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try check("temperature", temperature, 0...100)
        try check("top_p", topP, 0...1)
        try check("min_p", minP, 0...1)
        try check("typical_p", typicalP, 0...1)
        try check("repetition_penalty", repetitionPenalty, 0.01...100)
        try check("frequency_penalty", frequencyPenalty, -100...100)
        try check("presence_penalty", presencePenalty, -100...100)
        guard topK >= 0 else { throw .invalidParameter("top_k", problem: "\(topK) is negative") }
        for (token, bias) in logitBias {
            guard token >= 0, token < vocabulary else { throw .tokenOutOfRange(token, vocabulary: vocabulary) }
            guard bias.isFinite else { throw .invalidParameter("logit_bias", problem: "\(bias) is no finite number") }
        }
    }
}
