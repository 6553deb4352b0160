import Foundation
import HadalJSON

/// How a model wants a conversation written: with its own Jinja template, or by an encoder for those that ship none.
public enum ChatFormat: Sendable {
    /// `specialTokens` are variables of the template: `bos_token`, `eos_token`, ….
    case jinja(ChatTemplate, specialTokens: [String: String])
    case deepSeekV32
    case deepSeekV4

    /// The format of a checkpoint: its template where it has one, else the native encoder for its `model_type` (from
    /// `config.json`).
    ///
    /// - Parameters:
    ///   - tokenizerConfiguration: `tokenizer_config.json`, for `chat_template` and the special tokens; for GGUF files
    ///     an object made from `tokenizer.chat_template` and the tokens' texts.
    /// - Returns: `nil` where the checkpoint tells no format: a base model.
    public init?(tokenizerConfiguration: JSON, modelType: String) throws(TemplateError) {
        if let source = ChatFormat.templateSource(in: tokenizerConfiguration) {
            self = .jinja(
                try ChatTemplate(source: source), specialTokens: ChatFormat.specialTokens(in: tokenizerConfiguration))
            return
        }
        switch modelType {
        case "deepseek_v32": self = .deepSeekV32
        case "deepseek_v4": self = .deepSeekV4
        default: return nil
        }
    }

    /// Some checkpoints hold several templates by name; the one for general use is called `default`.
    private static func templateSource(in configuration: JSON) -> String? {
        guard let named = configuration["chat_template"]?.array else { return configuration["chat_template"]?.string }
        return (named.first { $0["name"]?.string == "default" } ?? named.first)?["template"]?.string
    }

    /// Tokens are written as text or as `{"content": text, …}`.
    private static func specialTokens(in configuration: JSON) -> [String: String] {
        var tokens: [String: String] = [:]
        for name in ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"] {
            tokens[name] = configuration[name]?.string ?? configuration[name]?["content"]?.string
        }
        return tokens
    }

    /// Writes a conversation as the text to be tokenized with special tokens recognised. It begins with the model's
    /// begin-of-sequence token where the format has one: the tokenizer must not add another.
    ///
    /// Reasoning in earlier assistant turns (`reasoning_content`) is kept or dropped as the format says.
    ///
    /// - Parameters:
    ///   - messages: objects in OpenAI's shape.
    ///   - tools: function definitions in OpenAI's shape.
    ///   - addGenerationPrompt: whether the text ends where the assistant begins to write.
    ///   - variables: further variables of the template, such as `enable_thinking`, `thinking`, `reasoning_effort`.
    ///     Templates call the first two either name, so giving one sets both.
    public func render(
        messages: [JSON], tools: [JSON]? = nil, addGenerationPrompt: Bool = true,
        variables: JSON.Object = JSON.Object(), now: Date = Date(), timeZone: TimeZone = .current,
        limits: TemplateLimits = TemplateLimits()
    ) throws(TemplateError) -> String {
        let tools = tools.flatMap { $0.isEmpty ? nil : $0 }
        var variables = variables
        if let thinking = variables["thinking"] ?? variables["enable_thinking"] {
            variables["thinking"] = variables["thinking"] ?? thinking
            variables["enable_thinking"] = variables["enable_thinking"] ?? thinking
        }
        let text: String
        switch self {
        case .jinja(let template, let specialTokens):
            for (name, token) in specialTokens where variables[name] == nil { variables[name] = .string(token) }
            variables["messages"] = .array(messages)
            variables["add_generation_prompt"] = .bool(addGenerationPrompt)
            if let tools { variables["tools"] = .array(tools) }
            return try template.render(.object(variables), now: now, timeZone: timeZone, limits: limits)
        case .deepSeekV32:
            text = try DeepSeekV32Encoding(variables).encode(messages, tools: tools ?? [], addGenerationPrompt)
        case .deepSeekV4:
            text = try DeepSeekV4Encoding(variables).encode(messages, tools: tools ?? [], addGenerationPrompt)
        }
        guard text.utf8.count <= limits.outputBytes else {
            throw .limitExceeded(line: 1, what: "bytes of output", limit: limits.outputBytes)
        }
        return text
    }
}
