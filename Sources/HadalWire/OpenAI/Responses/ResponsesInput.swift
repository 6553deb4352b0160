import HadalJSON

/// Reads `input`: a text, or items that are messages, calls, their results, and reasoning.
enum ResponsesInput {
    static func read(_ fields: inout FieldReader) throws(WireError) -> (messages: [ChatMessage], items: [JSON]) {
        let value = try fields.required("input")
        if let text = value.string {
            let part: JSON = ["type": "input_text", "text": .string(text)]
            let item: JSON = ["type": "message", "role": "user", "content": [part], "id": "item_0"]
            return ([ChatMessage(role: .user, content: text)], [item])
        }
        guard let elements = value.array else { throw .wrongType(field: "input", expected: "a string or an array") }
        guard (1...ChatRequest.messagesLimit).contains(elements.count) else {
            throw .outOfRange(field: "input", expected: "1 to \(ChatRequest.messagesLimit) items")
        }
        var gathering = Gathering()
        var items: [JSON] = []
        for (index, element) in elements.enumerated() {
            try gathering.take(element, at: "input[\(index)]")
            var item = element.object ?? JSON.Object()
            if item["type"] == nil { item["type"] = "message" }
            if item["id"] == nil { item["id"] = .string("item_\(index)") }
            items.append(.object(item))
        }
        return (gathering.finish(), items)
    }

    /// Puts together what other APIs have in one message of the assistant: reasoning, words and calls.
    private struct Gathering {
        private var messages: [ChatMessage] = []
        private var assistant: ChatMessage?

        mutating func take(_ item: JSON, at path: String) throws(WireError) {
            var fields = try FieldReader(item, at: path)
            let type = try fields.string("type") ?? "message"
            fields.ignore(["id", "status", "phase"])
            switch type {
            case "message": try message(&fields)
            case "reasoning":
                let text = try ResponsesInput.reasoning(&fields)
                own { message in
                    message.reasoning = [message.reasoning, text].compactMap { $0 }.joined(separator: "\n")
                }
            case "function_call":
                let id = try fields.requiredString("call_id")
                let name = try fields.requiredString("name")
                let arguments = try fields.requiredString("arguments")
                fields.ignore(["caller", "namespace"])
                own { $0.toolCalls.append(ChatMessage.toolCall(id: id, name: name, arguments: arguments)) }
            case "function_call_output":
                var message = ChatMessage(role: .tool, content: "")
                message.toolCallID = try fields.requiredString("call_id")
                message.content = try ResponsesInput.text(try fields.required("output"), at: fields.field("output"))
                fields.ignore(["caller"])
                add(message)
            default:
                throw .unsupported(
                    field: fields.field("type"),
                    problem:
                        "items of type \"\(type)\" are not supported, only message, reasoning, function_call and function_call_output"
                )
            }
            try fields.finish()
        }

        private mutating func message(_ fields: inout FieldReader) throws(WireError) {
            let role = try fields.requiredString("role")
            let text = try ResponsesInput.text(try fields.required("content"), at: fields.field("content"))
            switch role {
            case "user": add(ChatMessage(role: .user, content: text))
            case "system", "developer": add(ChatMessage(role: .system, content: text))
            case "assistant":
                // Words after a call belong to another message.
                if assistant?.toolCalls.isEmpty == false { flush() }
                own { $0.content = $0.content.isEmpty ? text : $0.content + "\n" + text }
            default:
                throw .outOfRange(field: fields.field("role"), expected: "one of system, developer, user, assistant")
            }
        }

        private mutating func own(_ change: (inout ChatMessage) -> Void) {
            var message = assistant ?? ChatMessage(role: .assistant, content: "")
            change(&message)
            assistant = message
        }

        private mutating func add(_ message: ChatMessage) {
            flush()
            messages.append(message)
        }

        private mutating func flush() {
            if let assistant { messages.append(assistant) }
            assistant = nil
        }

        mutating func finish() -> [ChatMessage] {
            flush()
            return messages
        }
    }

    /// Its own words; a summary where only that is there. What is encrypted was so by another server.
    private static func reasoning(_ fields: inout FieldReader) throws(WireError) -> String {
        fields.ignore(["encrypted_content"])
        let content = try texts(fields.value("content"), at: fields.field("content"), types: ["reasoning_text"])
        let summary = try texts(fields.value("summary"), at: fields.field("summary"), types: ["summary_text"])
        return content.isEmpty ? summary : content
    }

    /// A string, or the texts of parts, one a line.
    private static func text(_ value: JSON, at path: String) throws(WireError) -> String {
        if let text = value.string { return text }
        return try texts(value, at: path, types: ["input_text", "output_text", "text", "refusal"])
    }

    private static func texts(_ value: JSON?, at path: String, types: [String]) throws(WireError) -> String {
        guard let value else { return "" }
        guard let parts = value.array else {
            throw .wrongType(field: path, expected: "a string or an array of parts")
        }
        guard parts.count <= ChatMessage.partsLimit else {
            throw .outOfRange(field: path, expected: "at most \(ChatMessage.partsLimit) parts")
        }
        var texts: [String] = []
        for (index, part) in parts.enumerated() {
            var fields = try FieldReader(part, at: "\(path)[\(index)]")
            let type = try fields.requiredString("type")
            guard types.contains(type) else {
                throw .unsupported(
                    field: fields.field("type"),
                    problem: "parts of type \"\(type)\" are not supported here, only \(types.joined(separator: ", "))")
            }
            texts.append(try fields.requiredString(type == "refusal" ? "refusal" : "text"))
            fields.ignore(["annotations", "logprobs", "cache_control"])
            try fields.finish()
        }
        return texts.joined(separator: "\n")
    }
}
