import HadalJSON
import HadalWire

/// A question to a model.
public struct ChatCall: Sendable, Hashable {
    public var model: String
    public var messages: [ChatMessage]
    public var temperature: Double?
    public var topP: Double?
    /// The same seed gives the same tokens.
    public var seed: UInt64?
    /// nil: as far as the context goes.
    public var maximumTokens: Int?
    public var stop: [String] = []
    /// Whether the model thinks first; nil: as it is used to.
    public var thinks: Bool?
    /// In OpenAI's shape.
    public var tools: [JSON] = []
    /// A JSON Schema that the answer follows.
    public var schema: JSON?
    /// Further members of the request, as docs/api.md has them.
    public var further = JSON.Object()

    public init(model: String, messages: [ChatMessage] = []) {
        self.model = model
        self.messages = messages
    }

    func json(streams: Bool) -> JSON {
        let format = schema.map { schema -> JSON in
            ["type": "json_schema", "json_schema": ["name": "answer", "schema": schema, "strict": true]]
        }
        let thinking = thinks.map { JSON.string($0 ? "enabled" : "disabled") }
        let json = JSON.compact([
            ("model", .string(model)), ("messages", .array(messages.map(\.json))),
            ("temperature", temperature.map(JSON.double)), ("top_p", topP.map(JSON.double)),
            ("seed", seed.map { .int(Int64(bitPattern: $0 & UInt64(Int64.max))) }),
            ("max_tokens", maximumTokens.map { .int(Int64($0)) }),
            ("stop", stop.isEmpty ? nil : .array(stop.map(JSON.string))), ("thinking", thinking.map { ["type": $0] }),
            ("tools", tools.isEmpty ? nil : .array(tools)), ("response_format", format),
            ("stream", streams ? true : nil), ("stream_options", streams ? ["include_usage": true] : nil),
        ])
        guard var object = json.object else { return json }
        for key in further.keys { object[key] = further[key] }
        return .object(object)
    }
}

/// What a model answers.
public struct ChatAnswer: Sendable, Hashable {
    public struct ToolCall: Sendable, Hashable {
        public var id: String
        public var name: String
        /// JSON.
        public var arguments: String
    }

    public var content = ""
    public var reasoning = ""
    public var toolCalls: [ToolCall] = []
    public var finish = FinishReason.stop
    public var usage = Usage()

    init() {}

    package init(_ json: JSON) throws(HadalClientError) {
        guard let choice = json["choices"]?[0], let message = choice["message"] else {
            throw .notUnderstood("no choice")
        }
        content = message["content"]?.string ?? ""
        reasoning = message["reasoning_content"]?.string ?? ""
        toolCalls = (message["tool_calls"]?.array ?? []).map { call in
            ToolCall(
                id: call["id"]?.string ?? "", name: call["function"]?["name"]?.string ?? "",
                arguments: call["function"]?["arguments"]?.string ?? "")
        }
        finish = choice["finish_reason"]?.string.flatMap(FinishReason.init) ?? .stop
        usage = Usage(openAI: json["usage"])
    }

    /// The answer as a message of what follows.
    public var message: ChatMessage {
        var message = ChatMessage(role: .assistant, content: content)
        message.reasoning = reasoning.isEmpty ? nil : reasoning
        message.toolCalls = toolCalls.map { ChatMessage.toolCall(id: $0.id, name: $0.name, arguments: $0.arguments) }
        return message
    }
}

/// A piece of an answer.
public enum ChatEvent: Sendable, Hashable {
    case reasoning(String)
    case content(String)
    /// The call of this number begins.
    case call(index: Int, id: String, name: String)
    /// More of its arguments.
    case arguments(index: Int, String)
    /// The end, with all that came.
    case finished(ChatAnswer)
}

/// Reads the chunks of a streamed answer, and gathers them.
package struct ChatEventReader {
    private var answer = ChatAnswer()

    package init() {}

    package mutating func read(_ data: String) throws -> [ChatEvent] {
        let chunk: JSON
        do throws(JSONError) { chunk = try JSON(parsing: data) } catch {
            throw HadalClientError.notUnderstood("\(error)")
        }
        if let error = chunk["error"] {
            throw HadalClientError.refused(
                status: 500, message: error["message"]?.string ?? "the server failed", code: error["code"]?.string)
        }
        if let usage = chunk["usage"], !usage.isNull { answer.usage = Usage(openAI: usage) }
        guard let choice = chunk["choices"]?[0] else { return [] }
        if let word = choice["finish_reason"]?.string { answer.finish = FinishReason(rawValue: word) ?? .stop }
        var events: [ChatEvent] = []
        if let text = choice["delta"]?["reasoning_content"]?.string, !text.isEmpty {
            answer.reasoning += text
            events.append(.reasoning(text))
        }
        if let text = choice["delta"]?["content"]?.string, !text.isEmpty {
            answer.content += text
            events.append(.content(text))
        }
        for piece in choice["delta"]?["tool_calls"]?.array ?? [] { events += call(piece) }
        return events
    }

    private mutating func call(_ piece: JSON) -> [ChatEvent] {
        guard let index = piece["index"]?.int, (0...answer.toolCalls.count).contains(index) else { return [] }
        let arguments = piece["function"]?["arguments"]?.string ?? ""
        var events: [ChatEvent] = []
        if index == answer.toolCalls.count {
            let call = ChatAnswer.ToolCall(
                id: piece["id"]?.string ?? "", name: piece["function"]?["name"]?.string ?? "", arguments: "")
            answer.toolCalls.append(call)
            events.append(.call(index: index, id: call.id, name: call.name))
        }
        answer.toolCalls[index].arguments += arguments
        if !arguments.isEmpty { events.append(.arguments(index: index, arguments)) }
        return events
    }

    package func finish() -> ChatEvent { .finished(answer) }
}

extension Usage {
    /// OpenAI's members.
    init(openAI json: JSON?) {
        self.init(
            promptTokens: json?["prompt_tokens"]?.int ?? 0,
            cachedTokens: json?["prompt_tokens_details"]?["cached_tokens"]?.int ?? 0,
            completionTokens: json?["completion_tokens"]?.int ?? 0,
            reasoningTokens: json?["completion_tokens_details"]?["reasoning_tokens"]?.int ?? 0)
    }
}
