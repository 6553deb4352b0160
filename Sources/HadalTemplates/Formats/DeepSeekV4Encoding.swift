import HadalJSON

/// The prompt format of DeepSeek-V4.
///
/// System messages and tools come first. User and tool messages in a row form one user turn. Reasoning of earlier turns
/// is dropped, unless tools are in play or `drop_thinking` is false.
struct DeepSeekV4Encoding {
    private let isThinking: Bool
    private let dropsThinking: Bool
    private let effort: String

    init(_ variables: JSON.Object) {
        isThinking = variables["thinking"]?.bool ?? false
        dropsThinking = variables["drop_thinking"]?.bool ?? true
        effort = variables["reasoning_effort"]?.string ?? ""
    }

    func encode(_ messages: [JSON], tools: [JSON], _ addGenerationPrompt: Bool) throws(TemplateError) -> String {
        let messages = try ChatMessage.list(messages)
        let tools = tools + messages.flatMap(\.tools)
        let lastUser = messages.lastIndex { [.user, .developer, .tool].contains($0.role) } ?? -1
        let usesTools = !tools.isEmpty || messages.contains { $0.role == .tool }
        var output = "<｜begin▁of▁sentence｜>"
        if isThinking { output += Self.introduction(ofEffort: effort) }
        var system = messages.filter { $0.role == .system }.map(\.content).joined(separator: "\n\n")
        if !tools.isEmpty {
            if !system.isEmpty { system += "\n\n" }
            system += Self.introduction(of: tools)
        }
        output += system
        var inUserTurn = false
        for (index, message) in messages.enumerated() {
            switch message.role {
            case .system: break
            case .user, .developer, .tool:
                output += inUserTurn ? "\n\n" : "<｜User｜>"
                inUserTurn = true
                output += message.role == .tool ? "<tool_result>\(message.content)</tool_result>" : message.content
            case .assistant:
                inUserTurn = false
                output += "<｜Assistant｜>"
                let keepsReasoning = !dropsThinking || index > lastUser || usesTools
                if keepsReasoning, isThinking { output += "<think>" + message.reasoning }
                output += "</think>" + message.content + Self.calls(message.toolCalls) + "<｜end▁of▁sentence｜>"
            }
        }
        if addGenerationPrompt { output += "<｜Assistant｜>" + (isThinking ? "<think>" : "</think>") }
        return output
    }

    private static func calls(_ calls: [ChatMessage.ToolCall]) -> String {
        guard !calls.isEmpty else { return "" }
        let invocations = calls.map { call in
            "<\(DSML.token)invoke name=\"\(call.name)\">\n"
                + DSML.parameters(call.arguments).map { $0 + "\n" }.joined() + "</\(DSML.token)invoke>\n"
        }
        return "\n\n<\(DSML.token)tool_calls>\n" + invocations.joined() + "</\(DSML.token)tool_calls>"
    }

    private static func introduction(ofEffort effort: String) -> String {
        switch effort {
        case "high":
            """
            Reasoning Effort: Absolute maximum with no shortcuts permitted.
            You MUST be very thorough in your thinking and comprehensively decompose the problem to resolve the root \
            cause, rigorously stress-testing your logic against all potential paths, edge cases, and adversarial \
            scenarios.
            Explicitly write out your entire deliberation process, documenting every intermediate step, considered \
            alternative, and rejected hypothesis to ensure absolutely no assumption is left unchecked.


            """
        case "max":
            """
            Reasoning Effort: Beyond maximum — exhaustive, relentless, and uncompromising.
            You MUST reason with the utmost depth and rigor, leaving absolutely nothing to chance: exhaustively \
            decompose the problem into its most fundamental components, trace every causal chain to its root, and \
            resolve the underlying cause rather than any surface symptom.
            Do not stop reasoning until you have independently verified the solution from multiple angles and are \
            certain that no assumption remains unchecked and no error remains undiscovered.


            """
        default: ""
        }
    }

    private static func introduction(of tools: [JSON]) -> String {
        """
        ## Tools

        You have access to a set of tools to help answer the user's question. You can invoke tools by writing a \
        "<\(DSML.token)tool_calls>" block like the following:

        <\(DSML.token)tool_calls>
        <\(DSML.token)invoke name="$TOOL_NAME">
        <\(DSML.token)parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</\(DSML.token)parameter>
        ...
        </\(DSML.token)invoke>
        <\(DSML.token)invoke name="$TOOL_NAME2">
        ...
        </\(DSML.token)invoke>
        </\(DSML.token)tool_calls>

        String parameters should be specified as is and set `string="true"`. For all other types (numbers, booleans, \
        arrays, objects), pass the value in JSON format and set `string="false"`.

        If thinking_mode is enabled (triggered by <think>), you MUST output your complete reasoning inside \
        <think>...</think> BEFORE any tool calls or final response.

        Otherwise, output directly after </think> with tool calls or final response.

        ### Available Tool Schemas

        \(tools.map { DSML.schema(of: $0) + "\n" }.joined())
        You MUST strictly follow the above defined tool name and parameter schemas to invoke tool calls.

        """
    }
}
