import HadalJSON

/// DeepSeek's markup for tool calls since V3.2.
enum DSML {
    static let token = "｜DSML｜"

    /// `<｜DSML｜parameter …>` lines, one for each argument: strings as they are, all else as JSON.
    static func parameters(_ arguments: JSON.Object) -> [String] {
        arguments.members.map { name, value in
            let (isString, text) = if case .string(let text) = value { (true, text) } else { (false, json(value)) }
            return "<\(token)parameter name=\"\(name)\" string=\"\(isString)\">\(text)</\(token)parameter>"
        }
    }

    /// JSON with spaces after commas and colons, as the models saw it in training (Python's `json.dumps`).
    static func json(_ value: JSON) -> String {
        switch value {
        case .array(let elements): "[" + elements.map(json).joined(separator: ", ") + "]"
        case .object(let object):
            "{" + object.members.map { JSON.quoted($0.key) + ": " + json($0.value) }.joined(separator: ", ") + "}"
        case .double(let value): value.isFinite ? Value.representation(of: value) : "null"
        case .null, .bool, .int, .string: value.text
        }
    }

    /// The schema that describes a tool: OpenAI's `function`, or the tool itself where it has no such member.
    static func schema(of tool: JSON) -> String { json(tool["function"] ?? tool) }
}
