import HadalJSON

/// The body of `POST /v1/responses`.
public struct ResponsesRequest: Sendable, Hashable {
    public var model: String
    /// `instructions`, which go before everything and are not carried on to the next response.
    public var instructions: String?
    /// `input` as messages.
    public var messages: [ChatMessage]
    /// `input` as it is told again: items with a name each.
    public var inputItems: [JSON]
    /// The response whose conversation this one goes on with.
    public var previousID: String?
    public var sampling: SamplingSettings
    public var stop = StopSettings()
    public var maximumTokens: Int?
    public var topLogProbabilities: Int?
    public var constraint: OutputConstraint?
    public var tools: ToolSettings
    public var templateVariables: JSON.Object
    public var stream: Bool
    /// Whether the response can be asked for later.
    public var isStored: Bool
    /// What the response repeats of its request.
    public var repeated: JSON.Object
    /// `service_tier` is `flex`: it may be refused when there is much to do.
    public var isFlexible: Bool
    /// Fields that were given and make no difference here, although their writer may think so.
    public var ignored: [String]

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        instructions = try fields.string("instructions")
        (messages, inputItems) = try ResponsesInput.read(&fields)
        previousID = try fields.string("previous_response_id")
        sampling = SamplingSettings()
        sampling.temperature = try fields.number("temperature", in: 0...2)
        sampling.topP = try fields.number("top_p", in: 0...1)
        // Not in OpenAI's API; ours are reproducible.
        sampling.seed = try fields.int("seed", in: 0...Int.max).map(UInt64.init)
        maximumTokens = try fields.int("max_output_tokens", in: 1...ChatRequest.tokensLimit)
        topLogProbabilities = try Self.logProbabilities(&fields)
        constraint = try Self.format(&fields)
        tools = try ToolSettings(responses: &fields)
        templateVariables = try Self.thinking(&fields)
        stream = try fields.bool("stream") ?? false
        if let value = fields.value("stream_options") {
            guard stream else {
                throw .outOfRange(field: "stream_options", expected: "left out unless stream is true")
            }
            var options = try FieldReader(value, at: "stream_options")
            options.ignore(["include_obfuscation"])
            try options.finish()
        }
        isStored = try fields.bool("store") ?? true
        for name in ["conversation", "prompt", "moderation"] { try fields.refuse(name) }
        try fields.refuse("background", unless: [false])
        try fields.refuse("truncation", unless: ["disabled"])
        fields.ignore(["user", "metadata", "safety_identifier", "prompt_cache_key"])
        isFlexible = fields.value("service_tier") == "flex"
        ignored = [
            "service_tier", "prompt_cache_retention", "prompt_cache_options", "context_management",
            "max_tool_calls",
        ]
        .filter { [isFlexible] in fields.value($0) != nil && !(isFlexible && $0 == "service_tier") }
        repeated = Self.repeated(fields, isStored: isStored)
        try fields.finish()
    }

    private static func repeated(_ fields: FieldReader, isStored: Bool) -> JSON.Object {
        var fields = fields
        let text = fields.value("text")
        var repeated = JSON.Object([
            ("background", false), ("instructions", fields.value("instructions") ?? .null),
            ("max_output_tokens", fields.value("max_output_tokens") ?? .null), ("max_tool_calls", .null),
            ("metadata", fields.value("metadata") ?? [:]),
            ("parallel_tool_calls", fields.value("parallel_tool_calls") ?? true),
            ("previous_response_id", fields.value("previous_response_id") ?? .null),
            (
                "reasoning",
                ["effort": fields.value("reasoning")?["effort"] ?? .null, "summary": .null]
            ),
            ("store", .bool(isStored)), ("temperature", fields.value("temperature") ?? .null),
            ("text", ["format": text?["format"] ?? ["type": "text"]]),
            ("tool_choice", fields.value("tool_choice") ?? "auto"),
            ("tools", .array((fields.value("tools")?.array ?? []).map(Self.repeatedTool))),
            ("top_logprobs", fields.value("top_logprobs") ?? 0), ("top_p", fields.value("top_p") ?? .null),
            ("truncation", "disabled"),
        ])
        if let user = fields.value("user") { repeated["user"] = user }
        return repeated
    }

    /// Clients expect members that a request may leave out.
    private static func repeatedTool(_ tool: JSON) -> JSON {
        guard var object = tool.object else { return tool }
        if object["strict"] == nil { object["strict"] = false }
        if object["parameters"] == nil { object["parameters"] = .null }
        return .object(object)
    }

    private static func logProbabilities(_ fields: inout FieldReader) throws(WireError) -> Int? {
        let top = try fields.int("top_logprobs", in: 0...ChatRequest.topLogProbabilitiesLimit)
        let included = (try fields.array("include", limit: 64) ?? []).compactMap(\.string)
        return included.contains("message.output_text.logprobs") ? top ?? 0 : top.flatMap { $0 > 0 ? $0 : nil }
    }

    /// `text.format`, where the chat's `response_format` is without the layer between.
    private static func format(_ fields: inout FieldReader) throws(WireError) -> OutputConstraint? {
        guard let value = fields.value("text") else { return nil }
        var text = try FieldReader(value, at: "text")
        let format = text.value("format")
        try text.refuse("verbosity", unless: ["medium"])
        try text.finish()
        return try format.flatMap { (format) throws(WireError) in
            try OutputConstraint.flat(format, at: "text.format")
        }
    }

    private static func thinking(_ fields: inout FieldReader) throws(WireError) -> JSON.Object {
        var variables = try ThinkingSettings.variables(&fields)
        guard let value = fields.value("reasoning") else { return variables }
        var reasoning = try FieldReader(value, at: "reasoning")
        if let word = try reasoning.string("effort") {
            var thinks: Bool?
            let effort = try ThinkingSettings.effort(word, at: "reasoning.effort")
            ThinkingSettings.apply(effort, to: &variables, thinks: &thinks)
            if let thinks { ThinkingSettings.set(thinks, in: &variables) }
        }
        // Reasoning is told as it is, not in a summary.
        reasoning.ignore(["summary", "generate_summary"])
        try reasoning.finish()
        return variables
    }
}

extension ToolSettings {
    /// Tools as `/v1/responses` has them: a function's members beside its type.
    init(responses fields: inout FieldReader) throws(WireError) {
        self.init()
        for (index, element) in (try fields.array("tools", limit: Self.toolsLimit) ?? []).enumerated() {
            let path = "tools[\(index)]"
            guard var members = element.object else { throw .wrongType(field: path, expected: "an object") }
            guard let type = members["type"]?.string else { throw .missing(field: "\(path).type") }
            guard type == "function" else {
                throw .unsupported(
                    field: "\(path).type",
                    problem: "tools of type \"\(type)\" run on OpenAI's servers; only \"function\" is supported")
            }
            members["type"] = nil
            try add(try Self.function(.object(members), at: path), at: path)
        }
        isParallel = try fields.bool("parallel_tool_calls") ?? true
        guard let value = fields.value("tool_choice") else { return }
        switch value {
        case "auto": choice = .auto
        case "none": choice = .none
        case "required": choice = .required
        default:
            guard value["type"] == "function", let name = value["name"]?.string else {
                throw .outOfRange(field: "tool_choice", expected: "none, auto, required, or a function with its name")
            }
            choice = .function(name)
        }
        try checkChoice(at: "tool_choice")
    }
}
