import HadalJSON

/// What a chat format makes of tools: the syntax of its calls, and how earlier ones must be given to it.
///
/// Templates differ in what they take (arguments as an object or as text, no content or an empty one), and some know of no
/// tools or no calls at all. So a template is tried out once, with a conversation that has a call in it; what it cannot
/// write is written for it: tools into the system message, calls and results as text.
public struct ToolFormat: Sendable {
    public let syntax: ToolSyntax
    /// Whether the format describes the tools to the model.
    let writesTools: Bool
    /// Whether the format writes earlier calls and their results.
    let writesCalls: Bool
    let argumentsAreText: Bool
    let emptyContentIsNull: Bool

    public init(_ format: ChatFormat) {
        switch format {
        case .deepSeekV32, .deepSeekV4:
            if case .deepSeekV32 = format { syntax = .deepSeekV32 } else { syntax = .deepSeekV4 }
            (writesTools, writesCalls, argumentsAreText, emptyContentIsNull) = (true, true, false, false)
        case .jinja(let template, _):
            syntax = ToolSyntax(template: template.source) ?? .hermes
            writesTools = ToolFormat.writesTools(format)
            let taken = ToolFormat.shapes.first { ToolFormat.takes($0, format) }
            writesCalls = taken != nil
            (argumentsAreText, emptyContentIsNull) = taken ?? (false, false)
        }
    }

    // MARK: trying out

    private static let shapes = [(false, false), (true, false), (false, true), (true, true)]
    private static let probe: JSON = [
        "type": "function",
        "function": [
            "name": "probe_tool", "description": "probe", "parameters": ["type": "object", "properties": [:]],
        ],
    ]

    private static func writesTools(_ format: ChatFormat) -> Bool {
        let messages: [JSON] = [["role": "user", "content": "hello"]]
        return (try? format.render(messages: messages, tools: [probe]))?.contains("probe_tool") ?? false
    }

    /// Whether a call in this shape is written, with its arguments as they are.
    private static func takes(_ shape: (argumentsAreText: Bool, emptyContentIsNull: Bool), _ format: ChatFormat) -> Bool
    {
        let arguments: JSON = shape.argumentsAreText ? #"{"needle": "hay"}"# : ["needle": "hay"]
        let call: JSON = [
            "id": "abcdefghi", "type": "function", "function": ["name": "probe_tool", "arguments": arguments],
        ]
        let messages: [JSON] = [
            ["role": "user", "content": "hello"],
            ["role": "assistant", "content": shape.emptyContentIsNull ? .null : "", "tool_calls": [call]],
            ["role": "tool", "content": "probe_result", "tool_call_id": "abcdefghi", "name": "probe_tool"],
        ]
        guard let text = try? format.render(messages: messages, tools: [probe]) else { return false }
        return text.contains("\"needle\"") && text.contains("probe_result")
            || text.contains("name=\"needle\"") && text.contains("probe_result")
    }

    // MARK: conversations

    /// The conversation as the format takes it.
    ///
    /// - Parameters:
    ///   - messages: objects in OpenAI's shape.
    ///   - tools: in OpenAI's shape.
    public func prepared(messages: [JSON], tools: [JSON]) -> (messages: [JSON], tools: [JSON]) {
        var messages = messages.map { message in writesCalls ? shaped(message) : asText(message) }
        guard !writesTools, !tools.isEmpty else { return (messages, tools) }
        let instructions = instructions(for: tools)
        if messages.first?["role"] == "system", var system = messages[0].object {
            let content = system["content"]?.string ?? ""
            system["content"] = .string(content.isEmpty ? instructions : content + "\n\n" + instructions)
            messages[0] = .object(system)
        } else {
            messages.insert(["role": "system", "content": .string(instructions)], at: 0)
        }
        return (messages, [])
    }

    private func shaped(_ message: JSON) -> JSON {
        guard var object = message.object, let calls = object["tool_calls"]?.array, !calls.isEmpty else {
            return message
        }
        object["tool_calls"] = .array(
            calls.map { call in
                guard var outer = call.object, var function = outer["function"]?.object else { return call }
                function["arguments"] = arguments(function["arguments"] ?? [:])
                outer["function"] = .object(function)
                return .object(outer)
            })
        let isEmpty = object["content"]?.string?.isEmpty ?? true
        if isEmpty { object["content"] = emptyContentIsNull ? .null : "" }
        return .object(object)
    }

    /// Clients send arguments as text. What a model wrote that is no JSON stays text.
    private func arguments(_ json: JSON) -> JSON {
        guard let text = json.string else { return argumentsAreText ? .string(DSML.json(json)) : json }
        if argumentsAreText { return json }
        if text.isEmpty { return [:] }
        guard let parsed = try? JSON(parsing: text), parsed.object != nil else { return json }
        return parsed
    }

    /// For templates that write no calls: the call as the model would have written it, a result as the user's words.
    private func asText(_ message: JSON) -> JSON {
        guard var object = message.object else { return message }
        if object["role"] == "tool" {
            let content = object["content"]?.string ?? ""
            return ["role": "user", "content": .string("<tool_response>\n\(content)\n</tool_response>")]
        }
        guard let calls = object["tool_calls"]?.array, !calls.isEmpty else { return message }
        var parts = object["content"]?.string.map { $0.isEmpty ? [] : [$0] } ?? []
        for call in calls {
            let function = call["function"]
            let arguments = function?["arguments"] ?? [:]
            parts.append(
                syntax.example(
                    name: function?["name"]?.string ?? "", arguments: arguments.string ?? DSML.json(arguments)))
        }
        object["content"] = .string(parts.joined(separator: "\n"))
        object["tool_calls"] = nil
        return .object(object)
    }

    /// Texts of ours within prepared messages: marks in them are meant, unlike those in people's words.
    public var ownTexts: [String] { writesTools ? [] : [example] }

    /// How a call is written, as instructions show it.
    private var example: String {
        guard syntax == .deepSeekV31 else {
            return syntax.example(name: "NAME", arguments: "{\"argument\": \"value\"}")
        }
        return syntax.prefill(name: "tool_call_name") + "tool_call_arguments" + ToolMarks.deepSeek.callEnd
            + "{{additional_tool_calls}}" + ToolMarks.deepSeek.callsEnd
    }

    /// For templates that describe no tools.
    private func instructions(for tools: [JSON]) -> String {
        guard syntax != .deepSeekV31 else { return trainedInstructions(for: tools) }
        return """
            # Tools

            You may call one or more of these functions to answer the user, given as JSON Schema, one a line:
            \(tools.map(DSML.schema).joined(separator: "\n"))

            To call a function, write exactly this, with its name and its arguments as a JSON object:
            \(example)
            """
    }

    /// What DeepSeek-V3.1 was trained with; its template leaves it to the caller.
    private func trainedInstructions(for tools: [JSON]) -> String {
        let descriptions = tools.map { tool in
            let function = tool["function"] ?? tool
            return """
                ### \(function["name"]?.string ?? "")
                Description: \(function["description"]?.string ?? "")

                Parameters: \(DSML.json(function["parameters"] ?? [:]))
                """
        }
        return """
            ## Tools
            You have access to the following tools:

            \(descriptions.joined(separator: "\n\n"))

            IMPORTANT: ALWAYS adhere to this exact format for tool use:
            \(example)

            Where:
            - `tool_call_name` must be an exact match to one of the available tools
            - `tool_call_arguments` must be valid JSON that strictly follows the tool's Parameters Schema
            - For multiple tool calls, chain them directly without separators or spaces
            """
    }
}
