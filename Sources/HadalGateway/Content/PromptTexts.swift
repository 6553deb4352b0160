import HadalFirewall
import HadalJSON
import HadalWire

/// A piece of what a model is given to read.
struct PromptText: Sendable, Hashable {
    var role: FirewallMessage.Role
    var text: String
}

extension WorkerRequest.Prompt {
    /// All that was written for this request, in order. Descriptions of tools are not among them; token ids are no text.
    var texts: [PromptText] {
        var texts: [PromptText] = []
        _ = mapTexts { role, text in
            texts.append(PromptText(role: role, text: text))
            return text
        }
        return texts
    }

    /// - Parameter texts: as many as `self.texts` has, to stand in their places; of token ids the text that they say.
    func replacing(with texts: [String]) -> WorkerRequest.Prompt {
        if case .plain(.tokens) = self { return .plain(.text(texts.joined())) }
        var rest = texts[...]
        return mapTexts { _, _ in rest.removeFirst() }
    }

    private func mapTexts(_ body: (FirewallMessage.Role, String) -> String) -> WorkerRequest.Prompt {
        switch self {
        case .messages(let messages, let variables):
            return .messages(messages.map { Self.message($0, body) }, variables: variables)
        case .infill(let before, let after): return .infill(before: body(.user, before), after: body(.user, after))
        case .plain(.text(let text)): return .plain(.text(body(.user, text)))
        case .plain(.tokens): return self
        }
    }

    private static func message(_ json: JSON, _ body: (FirewallMessage.Role, String) -> String) -> JSON {
        guard var message = json.object else { return json }
        let role = message["role"]?.string.flatMap(FirewallMessage.Role.init(rawValue:)) ?? .user
        for member in ["reasoning_content", "content"] {
            if let text = message[member]?.string, !text.isEmpty { message[member] = .string(body(role, text)) }
        }
        if let calls = message["tool_calls"]?.array {
            message["tool_calls"] = .array(calls.map { call($0, role, body) })
        }
        return .object(message)
    }

    private static func call(
        _ json: JSON, _ role: FirewallMessage.Role, _ body: (FirewallMessage.Role, String) -> String
    ) -> JSON {
        guard var call = json.object, var function = call["function"]?.object,
            let arguments = function["arguments"]?.string
        else { return json }
        function["arguments"] = .string(body(role, arguments))
        call["function"] = .object(function)
        return .object(call)
    }

    /// What the model was told to be, where it was.
    var systemText: String {
        guard case .messages(let messages, _) = self else { return "" }
        return messages.filter { $0["role"]?.string == "system" }.compactMap { $0["content"]?.string }
            .joined(separator: "\n")
    }

    /// With a marker in the first system message; without one there is nothing to give away.
    func marked(_ canary: Canary) -> WorkerRequest.Prompt? {
        guard case .messages(var messages, let variables) = self,
            let index = messages.firstIndex(where: { $0["role"]?.string == "system" }),
            var message = messages[index].object, let text = message["content"]?.string
        else { return nil }
        message["content"] = .string(canary.marking(text))
        messages[index] = .object(message)
        return .messages(messages, variables: variables)
    }
}
