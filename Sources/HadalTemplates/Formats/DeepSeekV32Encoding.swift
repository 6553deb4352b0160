import HadalJSON

/// The prompt format of DeepSeek-V3.2, which ships an encoder in place of a template.
///
/// Each user turn ends with the mark where the assistant begins, followed by `<think>` in the turn being answered and
/// by `</think>` everywhere else; so the reasoning of earlier turns is gone. Tool results hang on the turn whose calls
/// they answer.
struct DeepSeekV32Encoding {
    private let isThinking: Bool

    init(_ variables: JSON.Object) { isThinking = variables["thinking"]?.bool ?? false }

    private static let begin = "<｜begin▁of▁sentence｜>"
    private static let end = "<｜end▁of▁sentence｜>"

    func encode(_ messages: [JSON], tools: [JSON], _ addGenerationPrompt: Bool) throws(TemplateError) -> String {
        let messages = try ChatMessage.list(messages)
        // The turn being answered: nothing after it is history.
        let lastUser = messages.lastIndex { $0.role == .user || $0.role == .developer } ?? -1
        var output = Self.begin
        var tools = tools
        if messages.first?.role != .system {
            output += system("", tools, nil)
            tools = []
        }
        for (index, message) in messages.enumerated() {
            let isLast = index == messages.count - 1
            let thinks = isThinking && index >= lastUser
            switch message.role {
            case .system:
                output += system(message.content, tools + message.tools, message.responseFormat)
                tools = []
            case .user, .developer:
                output += "<｜User｜>" + (message.role == .user ? message.content : developer(message))
                if !isLast || addGenerationPrompt { output += "<｜Assistant｜>" + (thinks ? "<think>" : "</think>") }
            case .assistant:
                if isThinking, index > lastUser { output += message.reasoning + "</think>" }
                output += message.content + Self.calls(message.toolCalls) + Self.end
            case .tool:
                let (order, count) = try place(of: index, in: messages)
                if order == 1 { output += "\n\n<function_results>" }
                output += "\n<result>" + message.content + "</result>"
                guard order == count else { continue }
                output += "\n</function_results>"
                if !isLast || addGenerationPrompt { output += "\n\n" + (thinks ? "<think>" : "</think>") }
            }
        }
        return output
    }

    /// Which of how many results a tool message is, counted from 1.
    private func place(of index: Int, in messages: [ChatMessage]) throws(TemplateError) -> (order: Int, count: Int) {
        guard let caller = messages[..<index].lastIndex(where: { $0.role != .tool }),
            messages[caller].role == .assistant, index - caller <= messages[caller].toolCalls.count
        else { throw .message(index: index, problem: "a tool result answers no tool call") }
        let (order, count) = (index - caller, messages[caller].toolCalls.count)
        if order < count, index + 1 == messages.count || messages[index + 1].role != .tool {
            throw .message(index: index, problem: "\(order) tool results for \(count) tool calls")
        }
        return (order, count)
    }

    private func system(_ content: String, _ tools: [JSON], _ responseFormat: JSON?) -> String {
        content + extras(tools, responseFormat)
    }

    private func developer(_ message: ChatMessage) -> String {
        extras(message.tools, message.responseFormat) + "\n\n# The user's message is: " + message.content
    }

    private func extras(_ tools: [JSON], _ responseFormat: JSON?) -> String {
        var output = ""
        if !tools.isEmpty { output += "\n\n" + Self.introduction(of: tools) }
        if let responseFormat {
            output += "\n\n## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n"
            output += DSML.json(responseFormat)
        }
        return output
    }

    private static func calls(_ calls: [ChatMessage.ToolCall]) -> String {
        guard !calls.isEmpty else { return "" }
        let invocations = calls.map { call in
            "<\(DSML.token)invoke name=\"\(call.name)\">\n"
                + DSML.parameters(call.arguments).joined(separator: "\n") + "\n</\(DSML.token)invoke>"
        }
        return "\n\n<\(DSML.token)function_calls>\n" + invocations.joined(separator: "\n")
            + "\n</\(DSML.token)function_calls>"
    }

    private static func introduction(of tools: [JSON]) -> String {
        """
        ## Tools

        You have access to a set of tools you can use to answer the user's question.
        You can invoke functions by writing a "<\(DSML.token)function_calls>" block like the following as part of your \
        reply to the user:
        <\(DSML.token)function_calls>
        <\(DSML.token)invoke name="$FUNCTION_NAME">
        <\(DSML.token)parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</\(DSML.token)parameter>
        ...
        </\(DSML.token)invoke>
        <\(DSML.token)invoke name="$FUNCTION_NAME2">
        ...
        </\(DSML.token)invoke>
        </\(DSML.token)function_calls>

        String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects \
        should use JSON format. The "string" attribute should be set to "true" for string type parameters and "false" \
        for other types (numbers, booleans, arrays, objects).

        If the thinking_mode is enabled, then after function results you should strongly consider outputting a \
        thinking block. Here is an example:

        <\(DSML.token)function_calls>
        ...
        </\(DSML.token)function_calls>

        <function_results>
        ...
        </function_results>

        <think>...thinking about results</think>

        Here are the functions available in JSONSchema format:
        <functions>
        \(tools.map(DSML.schema).joined(separator: "\n"))
        </functions>

        """
    }
}
