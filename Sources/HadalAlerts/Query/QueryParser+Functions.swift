/// What stands behind a name: a function, an aggregation or a metric.
extension QueryParser {
    mutating func named(_ name: String, _ start: QueryToken) throws(QueryProblem) -> Query {
        if ["sum", "max"].contains(name), current.kind == .name("by") || current.kind == .mark("(") {
            return try aggregation(name)
        }
        guard take("(") else { return .gauge(try whole(selector(name))) }
        switch name {
        case "time":
            try need(")", "after time(")
            return .time
        case "rate", "increase":
            let selector = try selector(try self.name("a metric"))
            try need("[", "with a time after the metric, as in \(name)(\(selector.metric)[5m])")
            guard case .duration(let window) = current.kind else {
                throw failure("expected a time such as 5m, not \(current.shown)")
            }
            advance()
            try need("]", "after the time")
            try need(")", "after \(name)(…")
            return name == "rate" ? .rate(selector, over: window) : .increase(selector, over: window)
        case "histogram_quantile":
            guard case .number(let quantile) = current.kind, (0...1).contains(quantile) else {
                throw failure("expected a quantile from 0 to 1, not \(current.shown)")
            }
            advance()
            try need(",", "after the quantile")
            return .quantile(quantile, try values(of: name))
        default: throw failure("there is no function \(start.shown); there are \(Self.functions)", at: start)
        }
    }

    /// The last argument, and the parenthesis after it.
    private mutating func values(of function: String) throws(QueryProblem) -> Query {
        let start = current
        let query = try sum()
        guard !query.isScalar else { throw failure("\(function)() takes values of a metric", at: start) }
        try need(")", "after \(function)(…")
        return query
    }

    /// `sum by (a, b) (…)`, `sum(…) by (a, b)` or `sum(…)`.
    private mutating func aggregation(_ name: String) throws(QueryProblem) -> Query {
        var labels = try grouping()
        try need("(", "after \(name)")
        let inner = try values(of: name)
        if labels == nil { labels = try grouping() }
        return name == "sum" ? .sum(inner, by: labels ?? []) : .max(inner, by: labels ?? [])
    }

    private mutating func grouping() throws(QueryProblem) -> [String]? {
        guard current.kind == .name("by") else { return nil }
        advance()
        try need("(", "after by")
        var labels: [String] = []
        while !take(")") {
            labels.append(try name("a label or ')'"))
            if current.kind != .mark(")") { try need(",", "between two labels") }
        }
        return labels.filter { $0 != "instance" }
    }

    /// Of which no window is told.
    private func whole(_ selector: Selector) throws(QueryProblem) -> Selector {
        guard current.kind != .mark("[") else {
            throw failure("a time stands only in rate(\(selector.metric)[…]) and increase(\(selector.metric)[…])")
        }
        return selector
    }
}
