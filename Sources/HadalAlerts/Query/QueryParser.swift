import Foundation

/// Reads what `Query.promQL` writes, and what people write of the same: by recursive descent, `*` and `/` before `+` and
/// `-`. Of `by (instance, …)` the label `instance` is left out, as only Prometheus knows it.
struct QueryParser {
    static let charactersMax = 4096
    /// Of parentheses, functions and signs in one another.
    static let depthMax = 50
    static let functions = "rate(), increase(), histogram_quantile(), sum(), max() and time()"

    private let tokens: [QueryToken]
    private var position = 0
    private var depth = 0

    static func query(_ text: String) throws(QueryProblem) -> Query {
        guard text.count <= charactersMax else {
            throw QueryProblem(column: charactersMax + 1, problem: "a query has at most \(charactersMax) characters")
        }
        var parser = QueryParser(tokens: try QueryLexer.tokens(text))
        let query = try parser.sum()
        guard parser.current.kind == .end else {
            if case .mark(let mark) = parser.current.kind, ["<", ">", "<=", ">=", "==", "!="].contains(mark) {
                throw parser.failure("a query has no comparison: its thresholds stand in above or below")
            }
            throw parser.failure("expected +, -, *, / or the end, not \(parser.current.shown)")
        }
        return query
    }

    private init(tokens: [QueryToken]) { self.tokens = tokens }

    // MARK: pieces

    var current: QueryToken { tokens[position] }

    func failure(_ problem: String, at token: QueryToken? = nil) -> QueryProblem {
        QueryProblem(column: (token ?? current).column, problem: problem)
    }

    /// Nothing is behind the end.
    mutating func advance() { if current.kind != .end { position += 1 } }

    mutating func take(_ mark: String) -> Bool {
        guard current.kind == .mark(mark) else { return false }
        advance()
        return true
    }

    mutating func need(_ mark: String, _ place: String) throws(QueryProblem) {
        guard take(mark) else { throw failure("expected '\(mark)' \(place), not \(current.shown)") }
    }

    mutating func name(_ what: String) throws(QueryProblem) -> String {
        guard case .name(let name) = current.kind else { throw failure("expected \(what), not \(current.shown)") }
        advance()
        return name
    }

    // MARK: arithmetic

    mutating func sum() throws(QueryProblem) -> Query {
        var left = try product()
        while let operation = operation([.plus, .minus]) { left = .arithmetic(operation, left, try product()) }
        return left
    }

    private mutating func product() throws(QueryProblem) -> Query {
        var left = try operand()
        while let operation = operation([.times, .dividedBy]) { left = .arithmetic(operation, left, try operand()) }
        return left
    }

    private mutating func operation(_ all: [Query.Operation]) -> Query.Operation? {
        guard case .mark(let mark) = current.kind, let found = all.first(where: { $0.rawValue == mark }) else {
            return nil
        }
        advance()
        return found
    }

    private mutating func operand() throws(QueryProblem) -> Query {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw failure("too much stands in one another here") }
        let start = current
        switch start.kind {
        case .number(let number):
            advance()
            return .constant(number)
        case .mark("-"), .mark("+"):
            advance()
            guard case .number(let number) = current.kind else {
                throw failure("a sign stands only before a number; write 0 - … for the rest", at: start)
            }
            advance()
            return .constant(start.kind == .mark("-") ? -number : number)
        case .mark("("):
            advance()
            let query = try sum()
            try need(")", "after what stands in parentheses")
            return query
        case .name(let name):
            advance()
            return try named(name, start)
        default:
            throw failure("expected a metric, a number or one of \(Self.functions), not \(start.shown)")
        }
    }
}

extension Query {
    /// - Parameter text: PromQL, as far as `promQL` writes it.
    public init(parsing text: String) throws(QueryProblem) { self = try QueryParser.query(text) }

    /// Whether it is one number without labels.
    var isScalar: Bool {
        switch self {
        case .constant, .time: true
        case .gauge, .rate, .increase, .quantile, .sum, .max: false
        case .arithmetic(_, let left, let right): left.isScalar && right.isScalar
        }
    }
}
