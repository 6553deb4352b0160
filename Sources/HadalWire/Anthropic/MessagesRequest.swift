import HadalJSON

/// The body of Anthropic's `POST /v1/messages` and `POST /v1/messages/count_tokens`.
public struct MessagesRequest: Sendable, Hashable {
    public var model: String
    /// System messages and tool results included, each a message of its own.
    public var messages: [ChatMessage]
    public var sampling: SamplingSettings
    public var stop: StopSettings
    public var maximumTokens: Int?
    public var stream: Bool
    /// nil: any text.
    public var constraint: OutputConstraint?
    public var tools: ToolSettings
    public var templateVariables: JSON.Object
    /// Whether the last message is the assistant's: the answer goes on with it.
    public var continuesLast: Bool
    /// Fields that were given and make no difference here, although their writer may think so.
    public var ignored: [String]

    /// - Parameter counts: for `count_tokens`, where an answer's length is not asked for.
    public init(_ json: JSON, counts: Bool = false) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        messages = try Self.system(&fields)
        let limit = try fields.int("max_tokens", in: 1...ChatRequest.tokensLimit)
        guard limit != nil || counts else { throw .missing(field: "max_tokens") }
        maximumTokens = limit
        messages += try Self.conversation(&fields)
        sampling = SamplingSettings()
        sampling.temperature = try fields.number("temperature", in: 0...1)
        sampling.topP = try fields.number("top_p", in: 0...1)
        sampling.topK = try fields.int("top_k", in: -1...Int(Int32.max)).map { max($0, 0) }
        stop = try StopSettings(&fields, texts: "stop_sequences")
        stream = try fields.bool("stream") ?? false
        tools = try ToolSettings(anthropic: &fields)
        constraint = try OutputConstraint.anthropic(&fields, "output_format")
        templateVariables = try Self.thinking(&fields, &constraint)
        continuesLast = messages.last?.canBeContinued ?? false
        fields.ignore([
            "metadata", "cache_control", "inference_geo", "speed", "diagnostics", "user_profile_id", "workspace_id",
        ])
        ignored = []
        for name in ["service_tier", "context_management"] where fields.value(name) != nil { ignored.append(name) }
        try fields.refuse("container")
        try fields.refuse("mcp_servers", unless: [[]])
        try fields.finish()
    }

    /// Like Anthropic's, our models think when they are asked to.
    private static func thinking(
        _ fields: inout FieldReader, _ constraint: inout OutputConstraint?
    ) throws(WireError) -> JSON.Object {
        let isSaid = fields.value("thinking") != nil
        var variables = try ThinkingSettings.variables(&fields)
        var thinks: Bool? = isSaid ? variables["thinking"]?.bool : nil
        if let value = fields.value("output_config") {
            var output = try FieldReader(value, at: "output_config")
            if let word = try output.string("effort") {
                let effort = try ThinkingSettings.effort(word, at: "output_config.effort")
                ThinkingSettings.apply(effort, to: &variables, thinks: &thinks)
            }
            if let format = try OutputConstraint.anthropic(&output, "format") {
                guard constraint == nil else {
                    throw .outOfRange(field: "output_format", expected: "left out, since output_config.format is given")
                }
                constraint = format
            }
            output.ignore(["task_budget"])
            try output.finish()
        }
        ThinkingSettings.set(thinks ?? false, in: &variables)
        return variables
    }

    // MARK: messages

    private static func system(_ fields: inout FieldReader) throws(WireError) -> [ChatMessage] {
        guard let value = fields.value("system") else { return [] }
        if let text = value.string { return text.isEmpty ? [] : [ChatMessage(role: .system, content: text)] }
        guard let blocks = value.array else {
            throw .wrongType(field: "system", expected: "a string or an array of blocks")
        }
        var texts: [String] = []
        for (index, block) in blocks.enumerated() { texts.append(try text(of: block, at: "system[\(index)]")) }
        return texts.isEmpty ? [] : [ChatMessage(role: .system, content: texts.joined(separator: "\n"))]
    }

    private static func conversation(_ fields: inout FieldReader) throws(WireError) -> [ChatMessage] {
        guard let elements = try fields.array("messages", limit: ChatRequest.messagesLimit) else {
            throw .missing(field: "messages")
        }
        guard !elements.isEmpty else { throw .outOfRange(field: "messages", expected: "at least one message") }
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            var message = try FieldReader(element, at: "messages[\(index)]")
            let role = try message.requiredString("role")
            let content = try message.required("content")
            try message.finish()
            let path = message.field("content")
            switch role {
            case "user": messages += try user(content, at: path)
            case "assistant": messages.append(try assistant(content, at: path))
            case "system": messages.append(ChatMessage(role: .system, content: try joined(content, at: path)))
            default: throw .outOfRange(field: message.field("role"), expected: "user or assistant")
            }
        }
        return messages
    }

    private static func blocks(_ content: JSON, at path: String) throws(WireError) -> [JSON] {
        guard let blocks = content.array else {
            throw .wrongType(field: path, expected: "a string or an array of blocks")
        }
        guard blocks.count <= ChatMessage.partsLimit else {
            throw .outOfRange(field: path, expected: "at most \(ChatMessage.partsLimit) blocks")
        }
        return blocks
    }

    /// Results of tools become messages of their own; the user's words follow them.
    private static func user(_ content: JSON, at path: String) throws(WireError) -> [ChatMessage] {
        if let text = content.string { return [ChatMessage(role: .user, content: text)] }
        var messages: [ChatMessage] = []
        var texts: [String] = []
        for (index, block) in try blocks(content, at: path).enumerated() {
            let place = "\(path)[\(index)]"
            guard block["type"] == "tool_result" else {
                texts.append(try text(of: block, at: place))
                continue
            }
            var fields = try FieldReader(block, at: place)
            var message = ChatMessage(role: .tool, content: "")
            message.toolCallID = try fields.requiredString("tool_use_id")
            if let value = fields.value("content") { message.content = try joined(value, at: fields.field("content")) }
            let isError = try fields.bool("is_error") ?? false
            if isError, !message.content.lowercased().contains("error") {
                message.content = "Error: " + message.content
            }
            fields.ignore(["type", "cache_control"])
            try fields.finish()
            messages.append(message)
        }
        if !texts.isEmpty || messages.isEmpty {
            messages.append(ChatMessage(role: .user, content: texts.joined(separator: "\n")))
        }
        return messages
    }

    private static func assistant(_ content: JSON, at path: String) throws(WireError) -> ChatMessage {
        if let text = content.string { return ChatMessage(role: .assistant, content: text) }
        var message = ChatMessage(role: .assistant, content: "")
        var texts: [String] = []
        var thoughts: [String] = []
        for (index, block) in try blocks(content, at: path).enumerated() {
            let place = "\(path)[\(index)]"
            switch block["type"]?.string {
            case "thinking":
                var fields = try FieldReader(block, at: place)
                thoughts.append(try fields.requiredString("thinking"))
            // Nobody but its writer can read it.
            case "redacted_thinking": break
            case "tool_use":
                var fields = try FieldReader(block, at: place)
                let id = try fields.requiredString("id")
                let name = try fields.requiredString("name")
                let input = try fields.required("input")
                guard input.object != nil else { throw .wrongType(field: fields.field("input"), expected: "an object") }
                message.toolCalls.append(ChatMessage.toolCall(id: id, name: name, arguments: input.text))
            default: texts.append(try text(of: block, at: place))
            }
        }
        message.content = texts.joined()
        if !thoughts.isEmpty { message.reasoning = thoughts.joined(separator: "\n") }
        return message
    }

    /// A string, or the texts of blocks.
    private static func joined(_ content: JSON, at path: String) throws(WireError) -> String {
        if let text = content.string { return text }
        var texts: [String] = []
        for (index, block) in try blocks(content, at: path).enumerated() {
            texts.append(try text(of: block, at: "\(path)[\(index)]"))
        }
        return texts.joined(separator: "\n")
    }

    private static func text(of block: JSON, at path: String) throws(WireError) -> String {
        var fields = try FieldReader(block, at: path)
        let type = try fields.requiredString("type")
        fields.ignore(["cache_control", "citations"])
        switch type {
        case "text":
            let text = try fields.requiredString("text")
            try fields.finish()
            return text
        case "document" where block["source"]?["type"] == "text":
            let data = block["source"]?["data"]?.string ?? ""
            return (try fields.string("title").map { $0 + "\n" } ?? "") + data
        default:
            throw .unsupported(
                field: fields.field("type"),
                problem: "blocks of type \"\(type)\" are not supported, only text and tools")
        }
    }
}

extension ToolSettings {
    /// Takes `tools` and `tool_choice` in Anthropic's shape out of a request.
    init(anthropic fields: inout FieldReader) throws(WireError) {
        self.init()
        for (index, element) in (try fields.array("tools", limit: Self.toolsLimit) ?? []).enumerated() {
            var tool = try FieldReader(element, at: "tools[\(index)]")
            let type = try tool.string("type") ?? "custom"
            guard type == "custom" else {
                throw .unsupported(
                    field: tool.field("type"), problem: "tools of type \"\(type)\" are not run here; describe your own")
            }
            let function = try Self.function(
                .compact([
                    ("name", tool.value("name")), ("description", tool.value("description")),
                    ("parameters", tool.value("input_schema")), ("strict", tool.value("strict")),
                ]), at: tool.path)
            tool.ignore([
                "cache_control", "input_examples", "defer_loading", "allowed_callers", "eager_input_streaming",
            ])
            try tool.finish()
            definitions.append(["type": "function", "function": function])
        }
        guard let value = fields.value("tool_choice") else { return }
        var choice = try FieldReader(value, at: "tool_choice")
        isParallel = !(try choice.bool("disable_parallel_tool_use") ?? false)
        switch try choice.requiredString("type") {
        case "auto": self.choice = .auto
        case "none": self.choice = .none
        case "any": self.choice = .required
        case "tool":
            let name = try choice.requiredString("name")
            guard names.contains(name) else {
                throw .outOfRange(field: "tool_choice.name", expected: "one of the tools")
            }
            self.choice = .function(name)
        default: throw .outOfRange(field: "tool_choice.type", expected: "auto, any, tool or none")
        }
        if definitions.isEmpty, self.choice == .required {
            throw .outOfRange(field: "tool_choice", expected: "left out where there are no tools")
        }
        try choice.finish()
    }
}
