import HadalJSON
import HadalWire

extension RequestWriter {
    func messages(_ messages: [JSON]) throws(WorkerFailure) -> Members {
        var messages = messages.map(translated)
        guard request.continuesLast else { return [("messages", .array(messages))] }
        try need(.continuation, "continue_final_message", "no message to continue")
        switch can.kind {
        case .deepSeek:
            if var last = messages.popLast()?.object {
                last["prefix"] = true
                messages.append(.object(last))
            }
            return [("messages", .array(messages))]
        // Goes on with an assistant's last message by itself.
        case .llamaServer: return [("messages", .array(messages))]
        case .sgLang: return [("messages", .array(messages)), ("continue_final_message", true)]
        default:
            return [
                ("messages", .array(messages)), ("continue_final_message", true), ("add_generation_prompt", false),
            ]
        }
    }

    /// What an answer's reasoning was is told only where the protocol has a place for it: templates drop it from all
    /// but the last turns anyway.
    private func translated(_ message: JSON) -> JSON {
        guard var object = message.object, let reasoning = object["reasoning_content"] else { return message }
        switch can.kind {
        case .vLLM, .sgLang, .llamaServer, .hadal, .deepSeek: return message
        case .ollama:
            object["reasoning_content"] = nil
            object["reasoning"] = reasoning
        case .openAI, .llamaCppPython, .other: object["reasoning_content"] = nil
        }
        return .object(object)
    }

    // MARK: thinking

    /// Variables of a template: those on thinking in the words of the upstream, others only where it has templates.
    func thinking(_ variables: JSON.Object) throws(WorkerFailure) -> Members {
        guard !variables.isEmpty else { return [] }
        if can.thinkingForm == .variables { return [("chat_template_kwargs", .object(variables))] }
        let own = ["thinking", "enable_thinking", "reasoning_effort"]
        if variables.keys.contains(where: { !own.contains($0) }), can.can(.templateVariables) {
            return [("chat_template_kwargs", .object(variables))]
        }
        if let name = variables.keys.first(where: { !own.contains($0) }) {
            throw refusal("chat_template_kwargs.\(name)", "no variables of a template")
        }
        let thinks = variables["thinking"]?.bool ?? variables["enable_thinking"]?.bool
        let effort = variables["reasoning_effort"]?.string
        switch can.thinkingForm {
        case .variables: return []
        case .deepSeek:
            return [
                ("thinking", thinks.map { ["type": $0 ? "enabled" : "disabled"] }),
                ("reasoning_effort", effort.map(JSON.string)),
            ]
        case .effort:
            if thinks == false { return [("reasoning_effort", "none")] }
            // `max` is DeepSeek's own word.
            let word = effort == "max" ? "high" : effort ?? "medium"
            return [("reasoning_effort", .string(word))]
        case nil:
            // One that was not seen to reason does what is asked.
            if thinks == false, effort == nil, !can.can(.reasoning) { return [] }
            throw refusal(effort == nil ? "thinking" : "reasoning_effort", "no word on thinking")
        }
    }

    // MARK: tools

    func tools() throws(WorkerFailure) -> Members {
        let tools = request.tools
        guard !tools.active.isEmpty else { return [] }
        try need(.tools, "tools", "no tools")
        let choice: JSON?
        switch tools.choice {
        case .none, .auto: choice = "auto"
        case .required: choice = "required"
        case .function(let name): choice = ["type": "function", "function": ["name": .string(name)]]
        }
        if tools.choice == .required || choice?.object != nil {
            try need(.requiredTools, "tool_choice", "no demand for a call")
        }
        if !tools.isParallel { try need(.singleTool, "parallel_tool_calls", "no limit to one call") }
        return [
            ("tools", .array(tools.active)), ("tool_choice", choice),
            ("parallel_tool_calls", tools.isParallel ? nil : false),
        ]
    }
}
