/// What an answer begins with, so that the model goes on from there.
public enum PromptContinuation: Sendable, Hashable {
    /// Marks of the model's own, such as those of a tool call: control tokens in it are meant. Reasoning that the prompt
    /// opens is closed before it.
    case markup(String)
    /// The beginning of the assistant's message: a person's words. Without content the model goes on reasoning.
    case message(reasoning: String?, content: String)

    enum Part {
        case markup(String)
        case words(String)
    }

    /// Those of people, which hold no control tokens.
    var texts: [String] {
        switch self {
        case .markup: []
        case .message(let reasoning, let content): [reasoning ?? "", content]
        }
    }

    /// Whether a prompt ends inside the reasoning.
    static func isReasoning(_ prompt: String) -> Bool {
        let last = prompt.reversed().drop(while: \.isWhitespace).prefix(7)
        return String(last.reversed()) == "<think>"
    }

    var endsInReasoning: Bool {
        switch self {
        case .markup: false
        case .message(let reasoning, let content): content.isEmpty && !(reasoning ?? "").isEmpty
        }
    }

    /// What follows a rendered prompt.
    func parts(after prompt: String) -> [Part] {
        let isOpen = PromptContinuation.isReasoning(prompt)
        // Templates that break the line after the tag break it around the closing one too.
        let close = prompt.hasSuffix("\n") ? "\n</think>\n\n" : "</think>"
        switch self {
        case .markup(let markup): return [.markup((isOpen ? close : "") + markup)]
        case .message(let reasoning, let content):
            let reasoning = reasoning ?? ""
            var parts: [Part] = []
            if !reasoning.isEmpty {
                parts += [.markup(isOpen ? "" : "<think>\n"), .words(reasoning)]
            }
            if !content.isEmpty {
                if isOpen {
                    parts.append(.markup(close))
                } else if !reasoning.isEmpty {
                    parts.append(.markup("\n</think>\n\n"))
                }
                parts.append(.words(content))
            }
            return parts
        }
    }
}
