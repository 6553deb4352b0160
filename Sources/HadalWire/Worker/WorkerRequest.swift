import HadalJSON

/// The body of a worker's `POST /generate`.
public struct WorkerRequest: Sendable, Hashable {
    public enum Prompt: Sendable, Hashable {
        /// Rendered by the model's chat template with these variables beside the messages.
        case messages([JSON], variables: JSON.Object)
        /// Text before and after a gap that the model is to fill, with the marks of its vocabulary.
        case infill(before: String, after: String)
        /// Goes to the model as it is; no text in it becomes a special token.
        case plain(PlainPrompt)
    }

    /// A client's, and what the model has of its own.
    public static let messagesLimit = ChatRequest.messagesLimit + ModelDefaults.messagesLimit + 1
    public static let topLogProbabilitiesLimit = 20

    /// The gateway's name for the request, for logs.
    public var id: String
    public var prompt: Prompt
    public var sampling: SamplingSettings
    public var stop: StopSettings
    /// nil: as far as the context goes. The worker cuts more than that to it.
    public var maximumTokens: Int?
    public var topLogProbabilities: Int?
    public var tools = ToolSettings()
    /// Whether the answer goes on with the last message, which is the assistant's.
    public var continuesLast = false
    /// nil: any text. It begins after the reasoning.
    public var constraint: OutputConstraint?
    /// Whose request it is: set by the gateway, never by a client. Tenants are served alike and share no cached prefix.
    public var tenant = ""
    /// Higher ones go first, always.
    public var priority = 0
    /// How long the request may wait before it is begun; nil: as long as it takes.
    public var startSeconds: Double?
    /// Tokens that came from another worker with the same model for the same request. The worker gives their deltas again, the
    /// same ones, and goes on.
    public var generated: [Int32] = []

    public static let priorities = -100...100
    public static let startSecondsLimit = 86_400.0

    public init(id: String, prompt: Prompt) {
        self.id = id
        self.prompt = prompt
        sampling = SamplingSettings()
        stop = StopSettings()
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        id = try fields.requiredString("id")
        prompt = try Self.prompt(&fields)
        sampling = try SamplingSettings(&fields)
        stop = try StopSettings(&fields)
        maximumTokens = try fields.int("max_tokens", in: 1...ChatRequest.tokensLimit)
        topLogProbabilities = try fields.int("top_logprobs", in: 0...Self.topLogProbabilitiesLimit)
        tools = try ToolSettings(&fields)
        continuesLast = try fields.bool("continues_last") ?? false
        constraint = try fields.value("constraint").map { (json) throws(WireError) in
            try OutputConstraint(json, at: "constraint")
        }
        tenant = try fields.string("tenant") ?? ""
        priority = try fields.int("priority", in: Self.priorities) ?? 0
        startSeconds = try fields.number("start_seconds", in: 0...Self.startSecondsLimit)
        generated =
            try fields.value("generated").map { (json) throws(WireError) in try json.tokens(at: "generated") } ?? []
        try fields.finish()
    }

    private static func prompt(_ fields: inout FieldReader) throws(WireError) -> Prompt {
        if let messages = try fields.array("messages", limit: messagesLimit) {
            let variables = fields.value("variables")
            guard let object = (variables ?? [:]).object else {
                throw .wrongType(field: "variables", expected: "an object")
            }
            return .messages(messages, variables: object)
        }
        if let value = fields.value("infill") {
            var infill = try FieldReader(value, at: "infill")
            let before = try infill.requiredString("before")
            let after = try infill.requiredString("after")
            try infill.finish()
            return .infill(before: before, after: after)
        }
        if let text = try fields.string("text") { return .plain(.text(text)) }
        guard let tokens = fields.value("tokens") else { throw .missing(field: "messages, text or tokens") }
        return .plain(.tokens(try tokens.tokens(at: "tokens")))
    }

    public var json: JSON {
        let promptMembers: [(String, JSON?)] =
            switch prompt {
            case .messages(let messages, let variables):
                [("messages", .array(messages)), ("variables", variables.isEmpty ? nil : .object(variables))]
            case .infill(let before, let after):
                [("infill", ["before": .string(before), "after": .string(after)])]
            case .plain(let plain): [plain.member]
            }
        return .compact(
            [("id", .string(id))] + promptMembers + sampling.members + stop.members + tools.members + [
                ("max_tokens", maximumTokens.map { .int(Int64($0)) }),
                ("top_logprobs", topLogProbabilities.map { .int(Int64($0)) }),
                ("continues_last", continuesLast ? true : nil),
                ("constraint", constraint?.json),
                ("tenant", tenant.isEmpty ? nil : .string(tenant)),
                ("priority", priority == 0 ? nil : .int(Int64(priority))),
                ("start_seconds", startSeconds.map(JSON.double)),
                ("generated", generated.isEmpty ? nil : .array(generated.map { .int(Int64($0)) })),
            ])
    }
}

extension PlainPrompt {
    var member: (String, JSON?) {
        switch self {
        case .text(let text): ("text", .string(text))
        case .tokens(let tokens): ("tokens", .array(tokens.map { .int(Int64($0)) }))
        }
    }
}
