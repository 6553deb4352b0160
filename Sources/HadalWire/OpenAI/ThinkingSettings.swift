import HadalJSON

/// How long a model is to think, in the words DeepSeek's models were trained on.
public enum ReasoningEffort: String, Sendable, Hashable {
    case low, high, max

    /// - Returns: nil within for no thinking at all; nil for a word that no API has.
    static func parse(_ word: String) -> ReasoningEffort?? {
        switch word {
        case "none": .some(nil)
        case "minimal", "low": .some(.low)
        case "medium", "high", "xhigh": .some(.high)
        case "max", "ultra": .some(.max)
        default: nil
        }
    }
}

/// Variables of the chat template that the request's fields on thinking stand for.
///
/// DeepSeek writes `thinking: {"type": "enabled"}` and `reasoning_effort`, vLLM `chat_template_kwargs` and
/// `enable_thinking`. What says whether to think goes before what says how much.
enum ThinkingSettings {
    static func variables(_ fields: inout FieldReader) throws(WireError) -> JSON.Object {
        var variables = try templateVariables(&fields)
        var thinks = try fields.bool("enable_thinking")
        if let value = fields.value("thinking") {
            var thinking = try FieldReader(value, at: fields.field("thinking"))
            switch try thinking.requiredString("type") {
            // `adaptive` is a word of Anthropic's: the model decides; our models think when they are let.
            case "enabled", "adaptive": thinks = true
            case "disabled": thinks = false
            default: throw .outOfRange(field: thinking.field("type"), expected: "\"enabled\" or \"disabled\"")
            }
            thinking.ignore(["budget_tokens", "display"])
            try thinking.finish()
        }
        if let word = try fields.string("reasoning_effort") {
            apply(try effort(word, at: fields.field("reasoning_effort")), to: &variables, thinks: &thinks)
        }
        if let thinks { set(thinks, in: &variables) }
        return variables
    }

    static func effort(_ word: String, at path: String) throws(WireError) -> ReasoningEffort? {
        guard let effort = ReasoningEffort.parse(word) else {
            throw .outOfRange(field: path, expected: "none, minimal, low, medium, high, xhigh, max or ultra")
        }
        return effort
    }

    /// Who asks for an effort asks for thinking, unless the request says otherwise.
    static func apply(_ effort: ReasoningEffort?, to variables: inout JSON.Object, thinks: inout Bool?) {
        let isOpen = thinks == nil && variables["thinking"] == nil && variables["enable_thinking"] == nil
        if isOpen { thinks = effort != nil }
        if let effort { variables["reasoning_effort"] = .string(effort.rawValue) }
    }

    static func set(_ thinks: Bool, in variables: inout JSON.Object) {
        // DeepSeek's templates read the first, Qwen's the second.
        variables["thinking"] = .bool(thinks)
        variables["enable_thinking"] = .bool(thinks)
    }

    private static func templateVariables(_ fields: inout FieldReader) throws(WireError) -> JSON.Object {
        guard let value = fields.value("chat_template_kwargs") else { return JSON.Object() }
        guard let object = value.object else {
            throw .wrongType(field: "chat_template_kwargs", expected: "an object")
        }
        // The request's own fields say these; a second say could smuggle other messages into the prompt.
        for key in ["messages", "tools", "add_generation_prompt"] where object[key] != nil {
            throw .outOfRange(field: "chat_template_kwargs.\(key)", expected: "left to the field \(key)")
        }
        return object
    }
}
