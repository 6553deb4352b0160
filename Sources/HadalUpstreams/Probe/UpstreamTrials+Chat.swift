import HadalJSON
import HadalWire

/// Trials of what only conversations have.
extension UpstreamTrials {
    mutating func tools() async throws {
        let name = "hadal_probe"
        let tool: JSON = [
            "type": "function",
            "function": [
                "name": .string(name), "description": "Has to be called whenever somebody asks for it.",
                "parameters": ["type": "object", "properties": [:]],
            ],
        ]
        let prompt = "Call the function \(name) now. Say nothing else."
        func calls(_ json: JSON?) -> Bool {
            json?["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"]?["name"]?.string == name
        }
        let choices: [JSON] = ["required", ["type": "function", "function": ["name": .string(name)]]]
        var isForced = true
        for choice in choices where isForced {
            isForced = calls(try await ask(chat(prompt, [("tools", [tool]), ("tool_choice", choice)], tokens: 256)))
        }
        let free = try await ask(
            chat(prompt, [("tools", [tool]), ("tool_choice", "auto")], tokens: isForced ? 1 : 256))
        guard isForced && free != nil || calls(free) else { return }
        features.insert(.tools)
        if isForced { features.insert(.requiredTools) }
        let known = try await knows("parallel_tool_calls", false, bad: ["no": "value"], with: [("tools", [tool])])
        if known { features.insert(.singleTool) }
    }

    // MARK: thinking and continuing

    mutating func thinking() async throws {
        switch identity.kind {
        case .deepSeek:
            if try await knows("thinking", ["type": "disabled"], bad: ["type": "hadal"]) { thinkingForm = .deepSeek }
        case .openAI, .ollama:
            if try await knows("reasoning_effort", "low", bad: "hadal") { thinkingForm = .effort }
        default:
            if features.contains(.templateVariables) { thinkingForm = .variables }
        }
    }

    mutating func continuation() async throws {
        switch identity.kind {
        case .vLLM, .hadal, .other:
            // Only who knows both refuses both.
            let both: Members = [("continue_final_message", true), ("add_generation_prompt", true)]
            if !isStrict, try await ask(continued(both)) != nil { return }
            let fields: Members = [("continue_final_message", true), ("add_generation_prompt", false)]
            if try await ask(continued(fields)) != nil { features.insert(.continuation) }
        case .sgLang:
            if !isStrict, try await ask(continued([("continue_final_message", ["no": "value"])])) != nil { return }
            if try await ask(continued([("continue_final_message", true)])) != nil { features.insert(.continuation) }
        case .deepSeek:
            let (_, body) = continued([], isPrefix: true)
            if goesOn(try await ask(("/beta/chat/completions", body))) { features.insert(.continuation) }
        case .llamaServer: if goesOn(try await ask(continued([]))) { features.insert(.continuation) }
        case .openAI, .ollama, .llamaCppPython: return
        }
    }

    private func continued(_ extra: Members, isPrefix: Bool = false) -> (String, JSON) {
        let last = JSON.compact([
            ("role", "assistant"), ("content", "1, 2, 3, 4, 5, 6, 7,"), ("prefix", isPrefix ? true : nil),
        ])
        let question: JSON = ["role": "user", "content": "Count from 1 to 20, separated by commas."]
        let (path, body) = chat(nil, extra, tokens: 4)
        var object = body.object ?? JSON.Object()
        object["messages"] = [question, last]
        return (path, .object(object))
    }

    private func goesOn(_ json: JSON?) -> Bool {
        let text = Self.text(json).drop { $0 == " " }
        return text.hasPrefix("8")
    }
}
