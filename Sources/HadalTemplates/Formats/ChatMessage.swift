import HadalJSON

/// A message as the native encoders read it, with the place to name in errors.
struct ChatMessage {
    enum Role: String { case system, developer, user, assistant, tool }

    let index: Int
    let role: Role
    /// Empty where there is none.
    let content: String
    let reasoning: String
    let toolCalls: [ToolCall]
    /// Function definitions that the message itself carries.
    let tools: [JSON]
    let responseFormat: JSON?

    struct ToolCall {
        let name: String
        let arguments: JSON.Object
    }

    init(_ json: JSON, at index: Int) throws(TemplateError) {
        func failure(_ problem: String) -> TemplateError { .message(index: index, problem: problem) }
        self.index = index
        guard let name = json["role"]?.string else { throw failure("has no role") }
        guard let role = Role(rawValue: name) else { throw failure("the role '\(name)' is unknown to this model") }
        self.role = role
        content = try ChatMessage.text(of: json["content"], at: index)
        reasoning = json["reasoning_content"]?.string ?? ""
        tools = json["tools"]?.array ?? []
        responseFormat = json["response_format"].flatMap { $0.isNull ? nil : $0 }
        var calls: [ToolCall] = []
        for call in json["tool_calls"]?.array ?? [] {
            guard let name = call["function"]?["name"]?.string else { throw failure("a tool call names no function") }
            calls.append(
                ToolCall(name: name, arguments: try ChatMessage.arguments(call["function"]?["arguments"], at: index)))
        }
        toolCalls = calls
    }

    /// A string, nothing, or OpenAI's content parts, of which only text can be written.
    private static func text(of content: JSON?, at index: Int) throws(TemplateError) -> String {
        switch content {
        case nil, .null: return ""
        case .string(let text): return text
        case .array(let parts):
            var output = ""
            for part in parts {
                guard let text = part["text"]?.string else {
                    throw .message(index: index, problem: "this model takes text only")
                }
                output += text
            }
            return output
        default: throw .message(index: index, problem: "the content is neither text nor a list of parts")
        }
    }

    /// Clients send the arguments as JSON text, some as an object.
    private static func arguments(_ json: JSON?, at index: Int) throws(TemplateError) -> JSON.Object {
        var json = json
        if case .string(let text) = json {
            do {
                json = text.isEmpty ? nil : try JSON(parsing: text)
            } catch {
                throw .message(index: index, problem: "the arguments of a tool call are not JSON: \(error)")
            }
        }
        guard let object = (json ?? .object(JSON.Object())).object else {
            throw .message(index: index, problem: "the arguments of a tool call are no JSON object")
        }
        return object
    }

    static func list(_ messages: [JSON]) throws(TemplateError) -> [ChatMessage] {
        var list: [ChatMessage] = []
        for (index, message) in messages.enumerated() { list.append(try ChatMessage(message, at: index)) }
        return list
    }
}
