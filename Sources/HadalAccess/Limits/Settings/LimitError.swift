/// A limit, price, range of addresses or day that is written wrongly, and what to write instead.
public enum LimitError: Error, Sendable, Hashable {
    case badRange(String, problem: String)
    case tooManyRanges(limit: Int)
    case badValue(LimitKind, String)
    case badPrice(pattern: String, problem: String)
    case badSetting(name: String, expected: String)
    case badScope(String)
    case badDay(String)
}

extension LimitError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .badRange(let text, let problem): "'\(text.prefix(64))' is no range of IP addresses: \(problem)"
        case .tooManyRanges(let limit): "more than \(limit) ranges in one list; join neighbouring ones"
        case .badValue(let kind, let text):
            "'\(text.prefix(64))' is no value for \(kind.rawValue): write \(kind.expected), or 'none' for no limit"
        case .badPrice(let pattern, let problem): "the prices of '\(pattern.prefix(64))' are wrong: \(problem)"
        case .badSetting(let name, let expected): "\(name) is wrong: it must be \(expected)"
        case .badScope(let problem): "a limit's scope is wrong: \(problem)"
        case .badDay(let text): "'\(text.prefix(64))' is no day; write YYYY-MM-DD, such as 2026-11-01"
        }
    }
}
