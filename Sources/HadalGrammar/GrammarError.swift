/// Why a grammar cannot be used. Everything here is the caller's doing: the text of an error is meant for them.
public enum GrammarError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The keyword would change which values are valid, and this version cannot hold a model to it.
    case unsupported(keyword: String, path: String, problem: String)
    case invalidSchema(path: String, problem: String)
    /// No text matches.
    case unsatisfiable(path: String)
    /// - offset: in Unicode scalars.
    case invalidRegex(offset: Int, problem: String)
    case invalidGrammar(line: Int, problem: String)
    case leftRecursion(rule: String)
    case limitExceeded(what: String, limit: Int)
    case invalidChoice(problem: String)

    /// Of a JSON Schema's keyword at fault, where one is.
    public var keyword: String? {
        if case .unsupported(let keyword, _, _) = self { keyword } else { nil }
    }

    /// A JSON pointer into the schema, where the fault has a place in one.
    public var path: String? {
        switch self {
        case .unsupported(_, let path, _), .invalidSchema(let path, _), .unsatisfiable(let path): path
        default: nil
        }
    }

    public var description: String {
        switch self {
        case .unsupported(let keyword, let path, let problem):
            "the schema's keyword '\(keyword)' at #\(path) is not supported here: \(problem)"
        case .invalidSchema(let path, let problem): "the schema at #\(path) is wrong: \(problem)"
        case .unsatisfiable(let path): "nothing can match\(path.isEmpty ? "" : " the schema at #\(path)")"
        case .invalidRegex(let offset, let problem):
            "the regular expression is wrong at character \(offset): \(problem)"
        case .invalidGrammar(let line, let problem): "the grammar is wrong in line \(line): \(problem)"
        case .leftRecursion(let rule):
            "the rule '\(rule)' begins with itself; write the repetition with * or with the rule at the end"
        case .limitExceeded(let what, let limit): "too large: \(what); the limit is \(limit)"
        case .invalidChoice(let problem): "the list of choices is wrong: \(problem)"
        }
    }
}

/// What a grammar may cost. Each bound is far above what sensible ones need and far below what harms a server.
public struct GrammarLimits: Sendable, Hashable {
    /// Bytes of a regular expression, a GBNF grammar, or a schema written as JSON.
    public var sourceBytes = 1 << 20
    /// States of the automaton.
    public var states = 200_000
    /// States of the automaton of one regular expression, before and after it is made deterministic.
    public var regexStates = 10_000
    /// Ways to satisfy one schema that `anyOf`, `oneOf`, `if` and `not` leave.
    public var alternatives = 256
    /// Schemas made from parts of the document: each combination that applies to some value counts.
    public var schemas = 10_000
    /// Nesting of rules while text is read, and of schemas.
    public var depth = 256
    public var choices = 10_000

    public init() {}
}
