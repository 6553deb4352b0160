/// Why an act of administration did not take place.
public enum AccessProblem: Error, Sendable, Hashable {
    /// Whoever asked may not.
    case refused(AccessError)
    /// A field has a value that cannot be.
    case invalid(field: String, problem: String)
    case notFound(String)
    /// It would contradict what is there: a name that is taken, the last administrator, one's own roles.
    case conflict(String)
    case store(AccessStoreError)
}

extension AccessProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let error): error.description
        case .invalid(let field, let problem): "'\(field)' \(problem)"
        case .notFound(let what): "there is no \(what)"
        case .conflict(let problem): problem
        case .store(let error): error.description
        }
    }

    /// For the audit: what a client is not told as well.
    var detail: String {
        switch self {
        case .refused(.credentialsRefused(let detail)), .refused(.unavailable(let detail)): detail
        default: description
        }
    }
}
