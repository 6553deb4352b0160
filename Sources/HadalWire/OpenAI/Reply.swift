import HadalJSON

/// What all parts of one answer have in common.
public struct ReplyHead: Sendable, Hashable {
    public var id: String
    /// Seconds since 1970.
    public var created: Int
    public var model: String
    /// Changes when the same seed may give another answer: another model, build or kind of arithmetic.
    public var fingerprint: String

    public init(id: String, created: Int, model: String, fingerprint: String) {
        self.id = id
        self.created = created
        self.model = model
        self.fingerprint = fingerprint
    }

    /// The name of a tool call of this answer: the same however often the answer is told.
    public func callID(choice: Int, call: Int) -> String {
        "call_\(choice)\(call)_\(own)"
    }

    /// The id without what says its kind.
    var own: Substring { id.split { $0 == "-" || $0 == "_" }.last ?? "" }

    func object(_ kind: String, choices: [JSON]) -> JSON.Object {
        JSON.Object([
            ("id", .string(id)), ("object", .string(kind)), ("created", .int(Int64(created))),
            ("model", .string(model)), ("system_fingerprint", .string(fingerprint)), ("choices", .array(choices)),
        ])
    }
}

/// One choice of an answer, gathered from a worker's events.
public struct Choice: Sendable, Hashable {
    public var content = ""
    public var reasoning = ""
    public var contentTokens: [GeneratedToken] = []
    public var reasoningTokens: [GeneratedToken] = []
    public var calls: [ToolCall] = []
    public var warnings: [String] = []
    public var finish = FinishReason.stop
    /// The stop string that ended it, if one did.
    public var stop: String?

    public struct ToolCall: Sendable, Hashable {
        /// Among all that the model began, those that turned out to be none included.
        public var index: Int
        public var name: String
        /// JSON.
        public var arguments: String

        public init(index: Int, name: String, arguments: String) {
            self.index = index
            self.name = name
            self.arguments = arguments
        }
    }

    public init() {}

    public mutating func append(_ delta: GenerationDelta) {
        switch delta.part {
        case .content:
            content += delta.text
            contentTokens += delta.tokens
        case .reasoning:
            reasoning += delta.text
            reasoningTokens += delta.tokens
        case .call(let index, let name):
            if calls.last?.index != index { calls.append(ToolCall(index: index, name: name ?? "", arguments: "")) }
            calls[calls.count - 1].arguments += delta.text
            contentTokens += delta.tokens
        case .broken(let index, let whole):
            if let index { calls.removeAll { $0.index == index } }
            content += whole ?? delta.text
            contentTokens += delta.tokens
        }
    }

    /// Takes the end.
    public mutating func close(_ summary: GenerationSummary) {
        finish = summary.finish
        stop = summary.stop
        warnings = summary.warnings
    }
}

extension ChatMessage {
    /// An answer as a later request tells of it.
    public init(assistant choice: Choice, _ head: ReplyHead) {
        self.init(role: .assistant, content: choice.content)
        reasoning = choice.reasoning.isEmpty ? nil : choice.reasoning
        toolCalls = choice.calls.map { call in
            ChatMessage.toolCall(
                id: head.callID(choice: 0, call: call.index), name: call.name, arguments: call.arguments)
        }
    }
}

public enum FinishReason: String, Sendable, Hashable, CaseIterable {
    case stop, length
    /// The answer calls tools.
    case toolCalls = "tool_calls"
    /// Ended because of what it says, by the organisation's rules.
    case contentFilter = "content_filter"
    /// Ended by the server: the client went, or the server stops. Clients never read this word but in an error.
    case cancelled
}

/// How an API writes a generation: whole, or as the events of a stream.
public protocol ReplyShape: Sendable {
    static func whole(_ head: ReplyHead, choices: [Choice], usage: Usage) -> JSON
    /// The event that opens a choice, where the API has one.
    /// - Parameter announcesUsage: whether the stream will end with its usage; every event then has the member.
    static func opening(_ head: ReplyHead, index: Int, announcesUsage: Bool) -> JSON?
    /// - Parameter offset: characters (Unicode scalars) of the choice that earlier events held.
    static func delta(
        _ head: ReplyHead, index: Int, _ delta: GenerationDelta, offset: Int, announcesUsage: Bool
    ) -> JSON
    static func closing(_ head: ReplyHead, index: Int, _ summary: GenerationSummary, announcesUsage: Bool) -> JSON
    /// The event after all choices, where the client asked for it.
    static func usage(_ head: ReplyHead, _ usage: Usage) -> JSON
}

/// The answers of `/v1/chat/completions`.
public enum ChatReply: ReplyShape {
    public static func whole(_ head: ReplyHead, choices: [Choice], usage: Usage) -> JSON {
        let elements = choices.enumerated().map { index, choice -> JSON in
            let calls = choice.calls.map { call in
                ChatMessage.toolCall(
                    id: head.callID(choice: index, call: call.index), name: call.name, arguments: call.arguments)
            }
            let message = JSON.compact([
                ("role", "assistant"),
                ("reasoning_content", choice.reasoning.isEmpty ? nil : .string(choice.reasoning)),
                ("content", choice.content.isEmpty && !calls.isEmpty ? .null : .string(choice.content)),
                ("refusal", .null), ("tool_calls", calls.isEmpty ? nil : .array(calls)),
            ])
            return .compact([
                ("index", .int(Int64(index))), ("message", message),
                (
                    "logprobs",
                    LogProbabilities.chat(content: choice.contentTokens, reasoning: choice.reasoningTokens)
                ),
                ("finish_reason", .string(choice.finish.rawValue)), warnings(choice.warnings),
            ])
        }
        var object = head.object("chat.completion", choices: elements)
        object["usage"] = usage.json
        return .object(object)
    }

    private static func chunk(_ head: ReplyHead, choices: [JSON], announcesUsage: Bool) -> JSON {
        var object = head.object("chat.completion.chunk", choices: choices)
        if announcesUsage { object["usage"] = .null }
        return .object(object)
    }

    /// The first event of a choice names the role.
    public static func opening(_ head: ReplyHead, index: Int, announcesUsage: Bool) -> JSON? {
        let choice: JSON = [
            "index": .int(Int64(index)), "delta": ["role": "assistant", "content": ""], "logprobs": .null,
            "finish_reason": .null,
        ]
        return chunk(head, choices: [choice], announcesUsage: announcesUsage)
    }

    public static func delta(
        _ head: ReplyHead, index: Int, _ delta: GenerationDelta, offset: Int, announcesUsage: Bool
    ) -> JSON {
        let isReasoning = delta.part == .reasoning
        let member: (String, JSON) =
            switch delta.part {
            case .reasoning: ("reasoning_content", .string(delta.text))
            case .content, .broken: ("content", .string(delta.text))
            case .call(let call, let name): ("tool_calls", [callPiece(head, index, call, name, delta.text)])
            }
        let choice: JSON = [
            "index": .int(Int64(index)), "delta": .object(JSON.Object([member])),
            "logprobs": LogProbabilities.chat(
                content: isReasoning ? [] : delta.tokens, reasoning: isReasoning ? delta.tokens : []),
            "finish_reason": .null,
        ]
        return chunk(head, choices: [choice], announcesUsage: announcesUsage)
    }

    /// A call's first piece has its id, kind and name, the others only more of its arguments.
    private static func callPiece(
        _ head: ReplyHead, _ choice: Int, _ call: Int, _ name: String?, _ arguments: String
    ) -> JSON {
        guard let name else {
            return ["index": .int(Int64(call)), "function": ["arguments": .string(arguments)]]
        }
        return [
            "index": .int(Int64(call)), "id": .string(head.callID(choice: choice, call: call)), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
    }

    /// Not in OpenAI's shape; clients pass unknown members by.
    private static func warnings(_ warnings: [String]) -> (String, JSON?) {
        ("warnings", warnings.isEmpty ? nil : .array(warnings.map(JSON.string)))
    }

    public static func closing(
        _ head: ReplyHead, index: Int, _ summary: GenerationSummary, announcesUsage: Bool
    ) -> JSON {
        let choice = JSON.compact([
            ("index", .int(Int64(index))), ("delta", [:]), ("logprobs", .null),
            ("finish_reason", .string(summary.finish.rawValue)), warnings(summary.warnings),
        ])
        return chunk(head, choices: [choice], announcesUsage: announcesUsage)
    }

    public static func usage(_ head: ReplyHead, _ usage: Usage) -> JSON {
        var object = head.object("chat.completion.chunk", choices: [])
        object["usage"] = usage.json
        return .object(object)
    }
}

/// The answers of `/v1/completions`. There a model's reasoning is text like any other.
public enum CompletionReply: ReplyShape {
    public static func whole(_ head: ReplyHead, choices: [Choice], usage: Usage) -> JSON {
        let elements = choices.enumerated().map { index, choice -> JSON in
            Self.choice(
                index: index, text: choice.content, tokens: choice.contentTokens, offset: 0,
                finish: .string(choice.finish.rawValue))
        }
        var object = head.object("text_completion", choices: elements)
        object["usage"] = usage.json
        return .object(object)
    }

    public static func opening(_ head: ReplyHead, index: Int, announcesUsage: Bool) -> JSON? { nil }

    public static func delta(
        _ head: ReplyHead, index: Int, _ delta: GenerationDelta, offset: Int, announcesUsage: Bool
    ) -> JSON {
        let choice = choice(index: index, text: delta.text, tokens: delta.tokens, offset: offset, finish: .null)
        return chunk(head, choice, announcesUsage: announcesUsage)
    }

    public static func closing(
        _ head: ReplyHead, index: Int, _ summary: GenerationSummary, announcesUsage: Bool
    ) -> JSON {
        let choice = choice(
            index: index, text: "", tokens: [], offset: 0, finish: .string(summary.finish.rawValue))
        return chunk(head, choice, announcesUsage: announcesUsage)
    }

    public static func usage(_ head: ReplyHead, _ usage: Usage) -> JSON {
        var object = head.object("text_completion", choices: [])
        object["usage"] = usage.json
        return .object(object)
    }

    private static func chunk(_ head: ReplyHead, _ choice: JSON, announcesUsage: Bool) -> JSON {
        var object = head.object("text_completion", choices: [choice])
        if announcesUsage { object["usage"] = .null }
        return .object(object)
    }

    private static func choice(index: Int, text: String, tokens: [GeneratedToken], offset: Int, finish: JSON) -> JSON {
        [
            "index": .int(Int64(index)), "text": .string(text),
            "logprobs": LogProbabilities.completion(tokens, from: offset), "finish_reason": finish,
        ]
    }
}
