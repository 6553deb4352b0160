/// Why something of alerts is refused or did not work, and what to do.
public enum AlertError: Error, Sendable, Hashable {
    /// The metrics' text is not what the gateway writes.
    case metrics(line: Int, problem: String)
    case rule(String, problem: String)
    case noSuchRule(String, known: [String])
    case silence(problem: String)
    /// The kept state is of another version of Hadal, or damaged.
    case state(problem: String)
    /// A channel cannot work as it is set.
    case channel(String, field: String, problem: String)
    /// A message was not taken.
    /// - isFinal: another try would end the same way.
    case delivery(problem: String, isFinal: Bool)

    /// Whether trying again may help.
    var isFinal: Bool {
        if case .delivery(_, let isFinal) = self { isFinal } else { true }
    }
}

extension AlertError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .metrics(let line, let problem): "metrics, line \(line): \(problem)"
        case .rule(let name, let problem): "the alert rule \(name): \(problem)"
        case .noSuchRule(let name, let known):
            "there is no alert rule \(Self.line(name)); there are \(known.joined(separator: ", "))"
        case .silence(let problem): "the silence: \(problem)"
        case .state(let problem): "the kept state of alerts cannot be read: \(problem); remove it to begin anew"
        case .channel(let name, let field, let problem): "the alert channel \(name): \(field) \(problem)"
        case .delivery(let problem, _): problem
        }
    }

    /// Others' words for people: one line, not too long.
    static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(300)
        return scalars.map { $0.properties.generalCategory == .control ? " " : String($0) }.joined()
    }
}
