import HadalJSON

/// A prompt that goes to the model as it is, without a chat template.
public enum PlainPrompt: Sendable, Hashable {
    case text(String)
    case tokens([Int32])

    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// A string, an array of strings, an array of token ids, or an array of those.
    static func list(_ value: JSON, at path: String, limit: Int) throws(WireError) -> [PlainPrompt] {
        if let text = value.string { return [.text(text)] }
        guard let elements = value.array else {
            throw .wrongType(field: path, expected: "a string, token ids, or an array of either")
        }
        guard let first = elements.first else { throw .outOfRange(field: path, expected: "not empty") }
        if first.double != nil { return [.tokens(try value.tokens(at: path))] }
        guard elements.count <= limit else {
            throw .outOfRange(field: path, expected: "an array of at most \(limit)")
        }
        var prompts: [PlainPrompt] = []
        for (index, element) in elements.enumerated() {
            let place = "\(path)[\(index)]"
            switch element {
            case .string(let text): prompts.append(.text(text))
            case .array: prompts.append(.tokens(try element.tokens(at: place)))
            default: throw .wrongType(field: place, expected: "a string or an array of token ids")
            }
        }
        return prompts
    }
}

/// The body of `POST /v1/completions`.
public struct CompletionRequest: Sendable, Hashable {
    public static let promptsLimit = 64
    public static let choicesLimit = 128
    public static let topLogProbabilitiesLimit = 20
    /// OpenAI's default of this older endpoint.
    public static let usualTokens = 16

    public var model: String
    public var prompts: [PlainPrompt]
    public var sampling: SamplingSettings
    public var stop: StopSettings
    /// nil: as many as the model says, or else `usualTokens`.
    public var maximumTokens: Int?
    /// Choices for each prompt.
    public var choices: Int
    public var stream: Bool
    public var includesUsage: Bool
    public var topLogProbabilities: Int?
    /// nil: any text.
    public var constraint: OutputConstraint?
    /// The text after the gap that the model is to fill; nil: there is no gap, the prompt is continued.
    public var suffix: String?
    /// Whether the answer begins with the prompt.
    public var echoes: Bool
    /// Fields that were given and make no difference here, although their writer may think so.
    public var ignored: [String]

    public init(_ json: JSON) throws(WireError) {
        var fields = try FieldReader(json)
        model = try fields.requiredString("model")
        prompts = try PlainPrompt.list(try fields.required("prompt"), at: "prompt", limit: Self.promptsLimit)
        sampling = try SamplingSettings(&fields)
        stop = try StopSettings(&fields)
        maximumTokens = try fields.int("max_tokens", in: 1...ChatRequest.tokensLimit)
        choices = try fields.int("n", in: 1...ChatRequest.choicesLimit) ?? 1
        guard prompts.count * choices <= Self.choicesLimit else {
            throw .outOfRange(field: "n", expected: "such that prompts × n is at most \(Self.choicesLimit)")
        }
        stream = try fields.bool("stream") ?? false
        includesUsage = try StreamOptions(&fields, stream: stream).includesUsage
        topLogProbabilities = try fields.int("logprobs", in: 0...Self.topLogProbabilitiesLimit)
        constraint = try OutputConstraint.read(&fields)
        suffix = try fields.string("suffix").flatMap { $0.isEmpty ? nil : $0 }
        if suffix != nil, let index = prompts.firstIndex(where: { $0.text == nil }) {
            throw .outOfRange(
                field: "prompt", expected: "text where there is a suffix, not token ids (prompt \(index))")
        }
        echoes = try fields.bool("echo") ?? false
        if echoes, topLogProbabilities != nil {
            throw .unsupported(field: "echo", problem: "log-probabilities of the prompt are not supported")
        }
        if echoes, suffix == nil, prompts.contains(where: { $0.text == nil }) {
            throw .unsupported(field: "echo", problem: "only a prompt that is text can be echoed")
        }
        try fields.refuse("best_of", unless: [1])
        ignored = RequestFields.ignore(&fields)
        try fields.finish()
    }
}
