import HadalJSON

/// The body of `POST /v1/chat/completions`.
public struct ChatRequest: Sendable, Hashable {
    public static let messagesLimit = 4096
    public static let choicesLimit = 16
    public static let topLogProbabilitiesLimit = 20
    /// Far beyond any context; what does not fit the model's context is cut to it by the worker.
    public static let tokensLimit = 10_000_000

    public var model: String
    public var messages: [ChatMessage]
    public var sampling: SamplingSettings
    public var stop: StopSettings
    /// nil: as far as the context goes.
    public var maximumTokens: Int?
    public var choices: Int
    public var stream: Bool
    /// Whether a stream ends with an event that holds the usage.
    public var includesUsage: Bool
    /// How many alternatives to tell with each token; nil: no log-probabilities.
    public var topLogProbabilities: Int?
    /// nil: any text.
    public var constraint: OutputConstraint?
    /// Variables for the chat template beside the messages: `chat_template_kwargs`, and `thinking`, `enable_thinking` and
    /// `reasoning_effort` where the request speaks of thinking.
    public var templateVariables: JSON.Object
    public var tools: ToolSettings
    /// Whether the answer goes on with the last message.
    public var continuesLast: Bool
    /// `service_tier` is `flex`: it may be refused when there is much to do.
    public var isFlexible: Bool
    /// Fields that were given and make no difference here, although their writer may think so.
    public var ignored: [String]

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        messages = try Self.messages(&fields)
        sampling = try SamplingSettings(&fields)
        stop = try StopSettings(&fields)
        // `max_tokens` is the older name, and the only one in DeepSeek's API.
        let current = try fields.int("max_completion_tokens", in: 1...Self.tokensLimit)
        let older = try fields.int("max_tokens", in: 1...Self.tokensLimit)
        maximumTokens = current ?? older
        choices = try fields.int("n", in: 1...Self.choicesLimit) ?? 1
        stream = try fields.bool("stream") ?? false
        includesUsage = try StreamOptions(&fields, stream: stream).includesUsage
        topLogProbabilities = try Self.logProbabilities(&fields)
        constraint = try OutputConstraint.read(&fields)
        templateVariables = try ThinkingSettings.variables(&fields)
        tools = try ToolSettings(&fields)
        continuesLast = try Self.continuesLast(&fields, messages)
        try Self.refuseUnsupported(&fields)
        isFlexible = fields.value("service_tier") == "flex"
        ignored = RequestFields.ignore(&fields)
        try fields.finish()
    }

    /// `prefix` of the last message, or vLLM's `continue_final_message`.
    private static func continuesLast(_ fields: inout FieldReader, _ messages: [ChatMessage]) throws(WireError) -> Bool
    {
        let wanted = try fields.bool("continue_final_message") ?? false
        let generates = try fields.bool("add_generation_prompt") ?? true
        if let index = messages.dropLast().firstIndex(where: \.isPrefix) {
            throw .outOfRange(field: "messages[\(index)].prefix", expected: "left to the last message")
        }
        guard generates || wanted else {
            throw .unsupported(field: "add_generation_prompt", problem: "false is for continue_final_message only")
        }
        guard wanted || messages.last?.isPrefix ?? false else { return false }
        guard messages.last?.canBeContinued ?? false else {
            throw .outOfRange(
                field: "messages[\(messages.count - 1)].role", expected: "assistant, without calls, to be continued")
        }
        return true
    }

    private static func messages(_ fields: inout FieldReader) throws(WireError) -> [ChatMessage] {
        guard let elements = try fields.array("messages", limit: messagesLimit) else {
            throw .missing(field: "messages")
        }
        guard !elements.isEmpty else { throw .outOfRange(field: "messages", expected: "at least one message") }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            messages.append(try ChatMessage(element, at: "messages[\(index)]"))
        }
        return messages
    }

    private static func logProbabilities(_ fields: inout FieldReader) throws(WireError) -> Int? {
        let wanted = try fields.bool("logprobs") ?? false
        let top = try fields.int("top_logprobs", in: 0...topLogProbabilitiesLimit)
        if top != nil, !wanted {
            throw .outOfRange(field: "top_logprobs", expected: "left out unless logprobs is true")
        }
        return wanted ? top ?? 0 : nil
    }

    private static func refuseUnsupported(_ fields: inout FieldReader) throws(WireError) {
        try fields.refuse("modalities", unless: [["text"]])
        for name in [
            "functions", "function_call", "audio", "prediction", "web_search_options", "verbosity",
        ] {
            try fields.refuse(name)
        }
    }
}

/// What real clients send that makes no difference on an organisation's own machine.
enum RequestFields {
    /// Names and labels, for the organisation's own books.
    private static let harmless = ["user", "metadata", "safety_identifier", "prompt_cache_key"]
    /// Somebody may count on these; they are told.
    private static let announced: [String: [JSON]] = [
        "service_tier": ["flex"], "store": [false], "prompt_cache_retention": [],
    ]

    /// - Returns: the fields whose writers should be told that they are ignored.
    static func ignore(_ fields: inout FieldReader) -> [String] {
        fields.ignore(harmless)
        var ignored: [String] = []
        for (name, silent) in announced {
            if let value = fields.value(name), !silent.contains(value) { ignored.append(name) }
        }
        return ignored.sorted()
    }
}

/// `stream_options`.
struct StreamOptions {
    var includesUsage = false

    init(_ fields: inout FieldReader, stream: Bool) throws(WireError) {
        guard let value = fields.value("stream_options") else { return }
        guard stream else { throw .outOfRange(field: "stream_options", expected: "left out unless stream is true") }
        var options = try FieldReader(value, at: "stream_options")
        includesUsage = try options.bool("include_usage") ?? false
        options.ignore(["include_obfuscation", "continuous_usage_stats"])
        try options.finish()
    }
}
