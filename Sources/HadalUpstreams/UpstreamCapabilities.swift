/// Something that an upstream has been seen to do.
public enum UpstreamFeature: String, Sendable, Hashable, CaseIterable {
    case chat, completion, embedding, infill
    /// Token ids as a prompt.
    case tokenPrompts = "token_prompts"
    /// Whether streams end with their usage, and whether each piece has it.
    case streamUsage = "stream_usage"
    case continuousUsage = "continuous_usage"
    /// Log-probabilities of chats, and of completions.
    case chatLogProbabilities = "chat_logprobs"
    case completionLogProbabilities = "completion_logprobs"
    /// The same seed gives the same text.
    case seeds
    case jsonObject = "json_object"
    case jsonSchema = "json_schema"
    case regex, choice, grammar
    case tools
    /// A call can be demanded, of any or of a certain tool.
    case requiredTools = "required_tools"
    case singleTool = "parallel_tool_calls"
    /// It tells reasoning apart from content.
    case reasoning
    /// The answer goes on with the last message.
    case continuation
    case templateVariables = "chat_template_kwargs"
    case topK = "top_k"
    case minP = "min_p"
    case typicalP = "typical_p"
    case repetitionPenalty = "repetition_penalty"
    case frequencyPenalty = "frequency_penalty"
    case presencePenalty = "presence_penalty"
    case logitBias = "logit_bias"
    case stopTokens = "stop_token_ids"
    case ignoresEndOfText = "ignore_eos"
    /// It tells the ids of an answer's tokens.
    case tokenIDs = "token_ids"
    /// Texts that begin alike are shared only among requests of one tenant.
    case cacheSalt = "cache_salt"
    case tokenize, detokenize
}

/// What an upstream is and can do, as far as it has been proven. What is not here is refused.
public struct UpstreamCapabilities: Sendable, Hashable {
    /// How constraints are written that OpenAI does not have.
    public enum GuidedForm: String, Sendable, CaseIterable {
        /// vLLM: `structured_outputs: {"regex": …}`, and what it had before: `guided_regex`.
        case structuredOutputs = "structured_outputs"
        case guided
        /// SGLang: `regex`, `ebnf`.
        case sgLang = "sglang"
        /// llama.cpp: `grammar`.
        case grammar
    }

    /// How a request says whether to think.
    public enum ThinkingForm: String, Sendable {
        /// `chat_template_kwargs`.
        case variables
        /// `thinking: {"type": "enabled"}` and `reasoning_effort`.
        case deepSeek = "deepseek"
        /// `reasoning_effort` alone, with `none`.
        case effort
    }

    public var kind: UpstreamKind
    /// As the server tells it; empty: it does not.
    public var version: String
    /// Tokens, prompt and answer together.
    public var contextLength: Int
    public var features: Set<UpstreamFeature>
    public var guidedForm: GuidedForm?
    public var thinkingForm: ThinkingForm?

    public init(
        kind: UpstreamKind, version: String = "", contextLength: Int, features: Set<UpstreamFeature>,
        guidedForm: GuidedForm? = nil, thinkingForm: ThinkingForm? = nil
    ) {
        self.kind = kind
        self.version = version
        self.contextLength = contextLength
        self.features = features
        self.guidedForm = guidedForm
        self.thinkingForm = thinkingForm
    }

    public func can(_ feature: UpstreamFeature) -> Bool { features.contains(feature) }
}
