/// Why a chat template could not be parsed or rendered. Lines count from 1 in the template's source.
public enum TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The source is not a template of the supported language.
    case syntax(line: Int, problem: String)
    /// An operation failed: a wrong type, an undefined value, something the sandbox forbids.
    case rendering(line: Int, problem: String)
    /// The template itself refused its input with `raise_exception`.
    case refused(line: Int, message: String)
    /// The template did more than `TemplateLimits` allows.
    case limitExceeded(line: Int, what: String, limit: Int)
    /// A native encoder met a message it has no encoding for; `index` counts from 0 in `messages`.
    case message(index: Int, problem: String)

    public var description: String {
        switch self {
        case .syntax(let line, let problem): "chat template, line \(line): \(problem)"
        case .rendering(let line, let problem): "chat template, line \(line): \(problem)"
        case .refused(let line, let message): "chat template refused the messages (line \(line)): \(message)"
        case .limitExceeded(let line, let what, let limit):
            "chat template, line \(line): more than \(limit) \(what); the template was stopped"
        case .message(let index, let problem): "messages[\(index)]: \(problem)"
        }
    }
}

/// A failure inside the interpreter, before the line is known.
enum Failure: Error {
    case problem(String)
    case refused(String)
    case limit(what: String, Int)

    static func type(_ problem: String) -> Failure { .problem("TypeError: " + problem) }
    static func value(_ problem: String) -> Failure { .problem("ValueError: " + problem) }

    func located(at line: Int) -> TemplateError {
        switch self {
        case .problem(let problem): .rendering(line: line, problem: problem)
        case .refused(let message): .refused(line: line, message: message)
        case .limit(let what, let limit): .limitExceeded(line: line, what: what, limit: limit)
        }
    }
}
