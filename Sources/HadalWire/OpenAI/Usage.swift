import HadalJSON

/// Tokens counted for a request.
public struct Usage: Sendable, Hashable {
    public var promptTokens: Int
    /// Prompt tokens whose keys and values were there already.
    public var cachedTokens: Int
    public var completionTokens: Int
    /// Completion tokens that belong to the reasoning.
    public var reasoningTokens: Int

    public init(promptTokens: Int = 0, cachedTokens: Int = 0, completionTokens: Int = 0, reasoningTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.cachedTokens = cachedTokens
        self.completionTokens = completionTokens
        self.reasoningTokens = reasoningTokens
    }

    /// Adds another choice. Choices of one prompt count that prompt once.
    public mutating func add(_ other: Usage, countsPrompt: Bool) {
        if countsPrompt {
            promptTokens += other.promptTokens
            cachedTokens += other.cachedTokens
        }
        completionTokens += other.completionTokens
        reasoningTokens += other.reasoningTokens
    }

    /// OpenAI's members, and DeepSeek's two on the cache.
    public var json: JSON {
        [
            "prompt_tokens": .int(Int64(promptTokens)),
            "completion_tokens": .int(Int64(completionTokens)),
            "total_tokens": .int(Int64(promptTokens + completionTokens)),
            "prompt_tokens_details": ["cached_tokens": .int(Int64(cachedTokens))],
            "completion_tokens_details": ["reasoning_tokens": .int(Int64(reasoningTokens))],
            "prompt_cache_hit_tokens": .int(Int64(cachedTokens)),
            "prompt_cache_miss_tokens": .int(Int64(promptTokens - cachedTokens)),
        ]
    }
}
