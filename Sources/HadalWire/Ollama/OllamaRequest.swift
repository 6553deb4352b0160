import HadalJSON

/// The body of Ollama's `POST /api/chat` and `POST /api/generate`. Like Ollama, fields that are unknown are passed by.
public struct OllamaRequest: Sendable, Hashable {
    public enum Prompt: Sendable, Hashable {
        /// Nothing to answer: the client wants the model to be loaded.
        case nothing
        case messages([ChatMessage])
        case infill(before: String, after: String)
        /// Goes to the model as it is.
        case raw(String)
    }

    public var model: String
    /// Whether the answer is that of `/api/chat`.
    public var isChat: Bool
    public var prompt: Prompt
    public var options: OllamaOptions
    public var stream: Bool
    public var tools = ToolSettings()
    /// nil: any text.
    public var constraint: OutputConstraint?
    public var templateVariables = JSON.Object()

    public var sampling: SamplingSettings { options.sampling }
    public var stop: StopSettings { options.stop }
    public var maximumTokens: Int? { options.maximumTokens }

    public var continuesLast: Bool {
        if case .messages(let messages) = prompt { messages.last?.canBeContinued ?? false } else { false }
    }

    public init(chat json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        isChat = true
        let messages = try Self.messages(try fields.array("messages", limit: ChatRequest.messagesLimit) ?? [])
        prompt = messages.isEmpty ? .nothing : .messages(messages)
        options = try Self.options(&fields)
        stream = try fields.bool("stream") ?? true
        try Self.tools(&fields, &tools)
        templateVariables = try Self.thinking(&fields)
        constraint = try OutputConstraint.ollama(&fields)
    }

    public init(generate json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        isChat = false
        let text = try fields.string("prompt") ?? ""
        let suffix = try fields.string("suffix") ?? ""
        if !suffix.isEmpty {
            prompt = .infill(before: text, after: suffix)
        } else if text.isEmpty {
            prompt = .nothing
        } else if try fields.bool("raw") ?? false {
            prompt = .raw(text)
        } else {
            var messages: [ChatMessage] = []
            if let system = try fields.string("system"), !system.isEmpty {
                messages.append(ChatMessage(role: .system, content: system))
            }
            prompt = .messages(messages + [ChatMessage(role: .user, content: text)])
        }
        options = try Self.options(&fields)
        stream = try fields.bool("stream") ?? true
        templateVariables = try Self.thinking(&fields)
        constraint = try OutputConstraint.ollama(&fields)
        try fields.refuse("images", unless: [[]])
        try fields.refuse("template", unless: [""])
    }

    static func messages(_ elements: [JSON]) throws(WireError) -> [ChatMessage] {
        var messages: [ChatMessage] = []
        for (index, element) in elements.enumerated() {
            messages.append(try Self.message(element, at: "messages[\(index)]", after: messages))
        }
        return messages
    }

    private static func message(_ json: JSON, at path: String, after earlier: [ChatMessage]) throws(WireError)
        -> ChatMessage
    {
        var fields = try FieldReader(json, at: path)
        guard let role = ChatMessage.Role(rawValue: try fields.requiredString("role")) else {
            throw .outOfRange(field: fields.field("role"), expected: "one of system, user, assistant, tool")
        }
        try fields.refuse("images", unless: [[]])
        var message = ChatMessage(role: role, content: try fields.string("content") ?? "")
        if role == .assistant {
            message.reasoning = try fields.string("thinking")
            for (index, call) in (try fields.array("tool_calls", limit: ChatMessage.toolCallsLimit) ?? []).enumerated()
            {
                let place = "\(fields.field("tool_calls"))[\(index)].function"
                guard let function = call["function"] else { throw .missing(field: place) }
                var reader = try FieldReader(function, at: place)
                let name = try reader.requiredString("name")
                let arguments = reader.value("arguments") ?? [:]
                // Ollama's calls have no names; position names them.
                message.toolCalls.append(
                    ChatMessage.toolCall(
                        id: call["id"]?.string ?? "call_\(earlier.count)_\(index)", name: name,
                        arguments: arguments.string ?? arguments.text))
            }
        }
        if role == .tool {
            let (older, newer) = (try fields.string("name"), try fields.string("tool_name"))
            message.name = newer ?? older
            message.toolCallID = try fields.string("tool_call_id")
            if message.toolCallID == nil { message.toolCallID = Self.call(answeredAfter: earlier) }
        }
        return message
    }

    /// The call that a result without a name answers: the next one in order.
    private static func call(answeredAfter earlier: [ChatMessage]) -> String? {
        guard let caller = earlier.lastIndex(where: { $0.role == .assistant }) else { return nil }
        let calls = earlier[caller].toolCalls
        let order = earlier.count - caller - 1
        return calls.indices.contains(order) ? calls[order]["id"]?.string : nil
    }

    private static func options(_ fields: inout FieldReader) throws(WireError) -> OllamaOptions {
        guard let value = fields.value("options") else { return OllamaOptions() }
        var options = try FieldReader(value, at: "options")
        return try OllamaOptions(&options)
    }

    private static func tools(_ fields: inout FieldReader, _ settings: inout ToolSettings) throws(WireError) {
        for (index, element) in (try fields.array("tools", limit: ToolSettings.toolsLimit) ?? []).enumerated() {
            let place = "tools[\(index)].function"
            guard let function = element["function"] else { throw .missing(field: place) }
            settings.definitions.append(
                ["type": "function", "function": try ToolSettings.function(function, at: place)])
        }
    }

    /// `think` is true, false, or how much.
    private static func thinking(_ fields: inout FieldReader) throws(WireError) -> JSON.Object {
        var variables = JSON.Object()
        switch fields.value("think") {
        case nil: break
        case .bool(let thinks): ThinkingSettings.set(thinks, in: &variables)
        case .string(let word):
            var thinks: Bool?
            ThinkingSettings.apply(try ThinkingSettings.effort(word, at: "think"), to: &variables, thinks: &thinks)
            ThinkingSettings.set(thinks ?? true, in: &variables)
        default: throw .wrongType(field: "think", expected: "true, false, low, medium or high")
        }
        return variables
    }
}

/// The body of Ollama's `POST /api/embed`, and of the older `POST /api/embeddings`.
public struct OllamaEmbedRequest: Sendable, Hashable {
    public var model: String
    public var inputs: [PlainPrompt]
    /// Whether one vector is asked for, in the older shape.
    public var isSingle: Bool
    /// nil: as many as the model gives.
    public var dimensions: Int?

    public init(_ json: JSON, isSingle: Bool) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        self.isSingle = isSingle
        let name = isSingle ? "prompt" : "input"
        inputs = try PlainPrompt.list(
            try fields.required(name), at: name, limit: isSingle ? 1 : EmbeddingRequest.inputsLimit)
        dimensions = try fields.int("dimensions", in: EmbeddingRequest.dimensionsRange)
    }
}
