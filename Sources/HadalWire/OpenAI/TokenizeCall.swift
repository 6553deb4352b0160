import HadalJSON

/// The body of `POST /tokenize`, as vLLM has it: a `prompt`, or `messages` with what belongs to them.
public struct TokenizeCall: Sendable, Hashable {
    public var model: String
    public var prompt: WorkerRequest.Prompt
    public var tools = ToolSettings()
    public var continuesLast = false
    public var addsSpecialTokens = true
    /// Whether to show the text of each token too.
    public var returnsTexts: Bool

    public var isChat: Bool {
        if case .messages = prompt { true } else { false }
    }

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        returnsTexts = try fields.bool("return_token_strs") ?? false
        guard fields.value("messages") != nil else {
            model = try fields.requiredString("model")
            prompt = .plain(.text(try fields.requiredString("prompt")))
            addsSpecialTokens = try fields.bool("add_special_tokens") ?? true
            try fields.finish()
            return
        }
        // All else is that of a chat.
        var members = json.object ?? JSON.Object()
        members["return_token_strs"] = nil
        try fields.refuse("add_special_tokens", unless: [false])
        members["add_special_tokens"] = nil
        let chat = try ChatRequest(.object(members))
        model = chat.model
        prompt = .messages(chat.messages.map(\.json), variables: chat.templateVariables)
        tools = chat.tools
        continuesLast = chat.continuesLast
    }
}

/// The body of `POST /detokenize`.
public struct DetokenizeCall: Sendable, Hashable {
    public var model: String
    public var tokens: [Int32]

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        tokens = try fields.required("tokens").tokens(at: "tokens")
        try fields.finish()
    }
}
