import HadalJSON

/// Why a request or a message between processes is not what the protocol says. `field` is a path as its writer would put
/// it: `messages[2].content`.
public enum WireError: Error, Sendable, Hashable, CustomStringConvertible {
    case notJSON(JSONError)
    case missing(field: String)
    case wrongType(field: String, expected: String)
    case outOfRange(field: String, expected: String)
    case unknown(field: String)
    /// Known to the protocol, and it would change the result, but this version does not do it.
    case unsupported(field: String, problem: String)
    /// Server-sent events that break the format or a limit.
    case stream(problem: String)

    /// The path of the field at fault; nil where the whole text is.
    public var field: String? {
        switch self {
        case .notJSON, .stream: nil
        case .missing(let field), .wrongType(let field, _), .outOfRange(let field, _), .unknown(let field),
            .unsupported(let field, _):
            field.isEmpty ? nil : field
        }
    }

    public var description: String {
        switch self {
        case .notJSON(let error): error.description
        case .missing(let field): "\(field): required"
        case .wrongType(let field, let expected):
            field.isEmpty ? "the body: expected \(expected)" : "\(field): expected \(expected)"
        case .outOfRange(let field, let expected): "\(field): must be \(expected)"
        case .unknown(let field): "\(field): unknown field"
        case .unsupported(let field, let problem): "\(field): \(problem)"
        case .stream(let problem): "event stream: \(problem)"
        }
    }
}
