import HadalJSON

/// One message of a conversation, checked, with text content in one piece.
public struct ChatMessage: Sendable, Hashable {
    public enum Role: String, Sendable, CaseIterable { case system, user, assistant, tool }

    public var role: Role
    public var content: String
    /// What the assistant thought before this answer; templates drop it or keep it as their model wants.
    public var reasoning: String?
    /// The participant's name.
    public var name: String?
    /// Calls the assistant made, in OpenAI's shape.
    public var toolCalls: [JSON] = []
    /// The call that a tool's message answers.
    public var toolCallID: String?
    /// Whether the answer goes on with this message (DeepSeek's chat prefix completion).
    public var isPrefix = false

    public init(role: Role, content: String) {
        self.role = role
        self.content = content
    }

    /// Whether an answer can go on with this message.
    public var canBeContinued: Bool { role == .assistant && toolCalls.isEmpty }

    static let toolCallsLimit = 128
    static let partsLimit = 4096

    init(_ json: JSON, at path: String) throws(WireError) {
        var fields = try FieldReader(json, at: path)
        let roleText = try fields.requiredString("role")
        // OpenAI's newer word for the same role; no template knows it.
        guard let role = Role(rawValue: roleText == "developer" ? "system" : roleText) else {
            throw .outOfRange(
                field: fields.field("role"), expected: "one of system, developer, user, assistant, tool")
        }
        self.role = role
        name = try fields.string("name")
        if role == .assistant {
            reasoning = try fields.string("reasoning_content")
            toolCalls = try Self.toolCalls(&fields)
            // Members of OpenAI's answers that clients send back as they got them.
            try fields.refuse("audio")
            try fields.refuse("function_call")
            isPrefix = try fields.bool("prefix") ?? false
            // vLLM's newer name; the same text.
            if let text = try fields.string("reasoning"), reasoning == nil { reasoning = text }
            fields.ignore(["refusal", "annotations", "warnings"])
        }
        if role == .tool { toolCallID = try fields.requiredString("tool_call_id") }
        if let value = fields.value("content") {
            content = try Self.text(value, at: fields.field("content"))
        } else if role == .assistant, !toolCalls.isEmpty || reasoning != nil {
            content = ""
        } else {
            throw .missing(field: fields.field("content"))
        }
        try fields.finish()
    }

    /// A string, or the texts of an array of parts, one a line.
    private static func text(_ value: JSON, at path: String) throws(WireError) -> String {
        if let text = value.string { return text }
        guard let parts = value.array else {
            throw .wrongType(field: path, expected: "a string or an array of parts")
        }
        guard (1...partsLimit).contains(parts.count) else {
            throw .outOfRange(field: path, expected: "1 to \(partsLimit) parts")
        }
        var texts: [String] = []
        for (index, part) in parts.enumerated() {
            var fields = try FieldReader(part, at: "\(path)[\(index)]")
            let type = try fields.requiredString("type")
            guard type == "text" else {
                throw .unsupported(
                    field: fields.field("type"), problem: "parts of type \"\(type)\" are not supported, only \"text\"")
            }
            texts.append(try fields.requiredString("text"))
            fields.ignore(["cache_control", "annotations"])
            try fields.finish()
        }
        return texts.joined(separator: "\n")
    }

    private static func toolCalls(_ message: inout FieldReader) throws(WireError) -> [JSON] {
        let elements = try message.array("tool_calls", limit: toolCallsLimit) ?? []
        var calls: [JSON] = []
        for (index, call) in elements.enumerated() {
            var fields = try FieldReader(call, at: "\(message.field("tool_calls"))[\(index)]")
            let id = try fields.requiredString("id")
            let type = try fields.string("type") ?? "function"
            guard type == "function" else {
                throw .outOfRange(field: fields.field("type"), expected: "\"function\"")
            }
            var function = try FieldReader(try fields.required("function"), at: fields.field("function"))
            let name = try function.requiredString("name")
            let arguments = try function.requiredString("arguments")
            try function.finish()
            fields.ignore(["index"])
            try fields.finish()
            calls.append(Self.toolCall(id: id, name: name, arguments: arguments))
        }
        return calls
    }

    /// A call in OpenAI's shape.
    public static func toolCall(id: String, name: String, arguments: String) -> JSON {
        [
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
    }

    /// The message as chat templates read it: the members of OpenAI's shape, content as one string.
    public var json: JSON {
        .compact([
            ("role", .string(role.rawValue)),
            ("content", .string(content)),
            ("reasoning_content", reasoning.map(JSON.string)),
            ("name", name.map(JSON.string)),
            ("tool_calls", toolCalls.isEmpty ? nil : .array(toolCalls)),
            ("tool_call_id", toolCallID.map(JSON.string)),
        ])
    }
}
