/// A metric, and which of its series.
extension QueryParser {
    mutating func selector(_ metric: String) throws(QueryProblem) -> Selector {
        var matchers: [Selector.Matcher] = []
        guard take("{") else { return Selector(metric, matchers) }
        while !take("}") {
            let label = try name("a label or '}'")
            matchers.append(Selector.Matcher(label: label, condition: try condition()))
            if current.kind != .mark("}") { try need(",", "between two labels") }
        }
        return Selector(metric, matchers)
    }

    private mutating func condition() throws(QueryProblem) -> Selector.Matcher.Condition {
        let sign = current
        guard case .mark(let mark) = sign.kind, ["=", "!=", "=~", "!~"].contains(mark) else {
            throw failure("expected =, != or =~ after the label, not \(sign.shown)")
        }
        advance()
        guard case .text(let value) = current.kind else {
            throw failure("expected a value in quotes, not \(current.shown)")
        }
        let start = current
        advance()
        switch mark {
        case "=": return .is(value)
        case "!=": return .isNot(value)
        case "=~":
            guard let condition = PromQL.condition(matching: value) else {
                throw failure(
                    "of expressions only alternatives (\"a|b\") and beginnings (\"5.*\") are understood; "
                        + "marks that stand for themselves take a backslash", at: start)
            }
            return condition
        default: throw failure("!~ is not understood; write != for each value that is not meant", at: sign)
        }
    }
}
