import HadalJSON

/// Anthropic's answers: the message whole, and the events of a stream.
public enum MessagesReply {
    public static func whole(_ head: ReplyHead, _ choice: Choice, usage: Usage) -> JSON {
        var blocks: [JSON] = []
        if !choice.reasoning.isEmpty {
            blocks.append([
                "type": "thinking", "thinking": .string(choice.reasoning), "signature": .string(signature(head)),
            ])
        }
        if !choice.content.isEmpty { blocks.append(["type": "text", "text": .string(choice.content)]) }
        for call in choice.calls {
            blocks.append([
                "type": "tool_use", "id": .string(toolID(head, call.index)), "name": .string(call.name),
                "input": (try? JSON(parsing: call.arguments)) ?? [:],
            ])
        }
        var message = self.message(head, content: blocks)
        for (key, value) in ending(choice.finish, choice.stop) { message[key] = value }
        message["usage"] = self.usage(usage)
        return .object(message)
    }

    fileprivate static func message(_ head: ReplyHead, content: [JSON]) -> JSON.Object {
        JSON.Object([
            ("id", .string(head.id)), ("type", "message"), ("role", "assistant"), ("model", .string(head.model)),
            ("content", .array(content)), ("stop_reason", .null), ("stop_sequence", .null),
            ("usage", usage(Usage())),
        ])
    }

    /// Clients send thinking back with the signature it came with; nothing here depends on it.
    fileprivate static func signature(_ head: ReplyHead) -> String { head.id }

    fileprivate static func toolID(_ head: ReplyHead, _ call: Int) -> String {
        "toolu" + head.callID(choice: 0, call: call).dropFirst("call".count)
    }

    /// Tokens that were found in the cache are not among the input's.
    static func usage(_ usage: Usage) -> JSON {
        [
            "input_tokens": .int(Int64(usage.promptTokens - usage.cachedTokens)),
            "cache_creation_input_tokens": 0, "cache_read_input_tokens": .int(Int64(usage.cachedTokens)),
            "output_tokens": .int(Int64(usage.completionTokens)),
        ]
    }

    /// `stop_reason`, and the stop string that ended the message where one did.
    fileprivate static func ending(_ finish: FinishReason, _ stop: String?) -> [(String, JSON)] {
        let reason: JSON =
            switch finish {
            case .stop, .cancelled: stop == nil ? "end_turn" : "stop_sequence"
            case .length: "max_tokens"
            case .toolCalls: "tool_use"
            case .contentFilter: "refusal"
            }
        return [("stop_reason", reason), ("stop_sequence", stop.map(JSON.string) ?? .null)]
    }
}

/// Writes a generation as Anthropic's events: blocks that begin, grow and end, one after the other.
public struct MessagesStream: Sendable {
    private enum Block: Hashable {
        case thinking, text
        case tool(Int)
    }

    private let head: ReplyHead
    private var open: Block?
    private var index = -1

    public init(_ head: ReplyHead) { self.head = head }

    public static let ping = event(["type": "ping"])

    private static func event(_ json: JSON) -> ServerSentEvent {
        ServerSentEvent(name: json["type"]?.string, data: json.text)
    }

    /// - Parameter promptTokens: how many of them are in the cache is told at the end.
    public func opening(promptTokens: Int) -> ServerSentEvent {
        var message = MessagesReply.message(head, content: [])
        message["usage"] = MessagesReply.usage(Usage(promptTokens: promptTokens))
        return Self.event(["type": "message_start", "message": .object(message)])
    }

    public mutating func events(_ delta: GenerationDelta) -> [ServerSentEvent] {
        switch delta.part {
        case .reasoning:
            return piece(of: .thinking, ["type": "thinking_delta", "thinking": .string(delta.text)], delta)
        case .content, .broken: return piece(of: .text, ["type": "text_delta", "text": .string(delta.text)], delta)
        case .call(let call, let name):
            var events: [ServerSentEvent] = []
            if let name {
                events += begin(
                    .tool(call),
                    [
                        "type": "tool_use", "id": .string(MessagesReply.toolID(head, call)), "name": .string(name),
                        "input": [:],
                    ])
            }
            return events
                + piece(of: .tool(call), ["type": "input_json_delta", "partial_json": .string(delta.text)], delta)
        }
    }

    private mutating func piece(of block: Block, _ content: JSON, _ delta: GenerationDelta) -> [ServerSentEvent] {
        guard !delta.text.isEmpty else { return [] }
        var events: [ServerSentEvent] = []
        if open != block {
            events += begin(
                block,
                block == .thinking
                    ? ["type": "thinking", "thinking": "", "signature": ""] : ["type": "text", "text": ""])
        }
        events.append(blockDelta(content))
        return events
    }

    private func blockDelta(_ content: JSON) -> ServerSentEvent {
        Self.event(["type": "content_block_delta", "index": .int(Int64(index)), "delta": content])
    }

    private mutating func begin(_ block: Block, _ content: JSON) -> [ServerSentEvent] {
        let events = end()
        index += 1
        open = block
        return events
            + [Self.event(["type": "content_block_start", "index": .int(Int64(index)), "content_block": content])]
    }

    private mutating func end() -> [ServerSentEvent] {
        guard let open else { return [] }
        self.open = nil
        var events: [ServerSentEvent] = []
        if open == .thinking {
            events.append(blockDelta(["type": "signature_delta", "signature": .string(MessagesReply.signature(head))]))
        }
        return events + [Self.event(["type": "content_block_stop", "index": .int(Int64(index))])]
    }

    public mutating func closing(_ summary: GenerationSummary) -> [ServerSentEvent] {
        end() + [
            Self.event([
                "type": "message_delta",
                "delta": .object(JSON.Object(MessagesReply.ending(summary.finish, summary.stop))),
                "usage": MessagesReply.usage(summary.usage),
            ]), Self.event(["type": "message_stop"]),
        ]
    }

    public static func failure(_ error: ErrorObject) -> ServerSentEvent { event(error.anthropicJSON) }
}

extension ErrorObject {
    /// Anthropic has a status of its own for a server that is busy.
    public var anthropicStatus: Int { status == 503 ? 529 : status }

    /// `{"type": "error", "error": {"type", "message"}}`
    public var anthropicJSON: JSON {
        let type =
            switch status {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 400..<500: "invalid_request_error"
            case 503: "overloaded_error"
            default: "api_error"
            }
        return ["type": "error", "error": ["type": .string(type), "message": .string(message)]]
    }
}
