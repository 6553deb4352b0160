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
    /// Variables for the chat template beside the messages: `chat_template_kwargs`, and `thinking` and `enable_thinking`
    /// where the request turns thinking on or off.
    public var templateVariables: JSON.Object

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
        templateVariables = try Self.templateVariables(&fields)
        try Self.refuseUnsupported(&fields)
        fields.ignore(RequestFields.ignored)
        try fields.finish()
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

    private static func templateVariables(_ fields: inout FieldReader) throws(WireError) -> JSON.Object {
        var variables = JSON.Object()
        if let value = fields.value("chat_template_kwargs") {
            guard let object = value.object else {
                throw .wrongType(field: "chat_template_kwargs", expected: "an object")
            }
            // The request's own fields say these; a second say could smuggle other messages into the prompt.
            for key in ["messages", "tools"] where object[key] != nil {
                throw .outOfRange(field: "chat_template_kwargs.\(key)", expected: "left to the field \(key)")
            }
            variables = object
        }
        var thinks = try fields.bool("enable_thinking")
        if let value = fields.value("thinking") {
            // DeepSeek's API writes {"type": "enabled"}.
            var thinking = try FieldReader(value, at: "thinking")
            switch try thinking.requiredString("type") {
            case "enabled": thinks = true
            case "disabled": thinks = false
            default: throw .outOfRange(field: "thinking.type", expected: "\"enabled\" or \"disabled\"")
            }
            try thinking.finish()
        }
        if let thinks {
            // DeepSeek's templates read the first, Qwen's the second.
            variables["thinking"] = .bool(thinks)
            variables["enable_thinking"] = .bool(thinks)
        }
        return variables
    }

    private static func refuseUnsupported(_ fields: inout FieldReader) throws(WireError) {
        if fields.value("tool_choice") == "none" {
            fields.ignore(["tools"])
        } else {
            try fields.refuse("tools", unless: [[]])
            try fields.refuse("tool_choice", unless: ["auto"])
        }
        try fields.refuse("modalities", unless: [["text"]])
        for name in [
            "functions", "function_call", "audio", "prediction", "web_search_options", "reasoning_effort", "verbosity",
        ] {
            try fields.refuse(name)
        }
    }
}

/// What real clients send that makes no difference on an organisation's own machine.
enum RequestFields {
    static let ignored = [
        "user", "metadata", "store", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key",
        "prompt_cache_retention",
    ]
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
