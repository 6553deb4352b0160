/// A piece of a query's text.
struct QueryToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Of a metric, label, function or aggregation.
        case name(String)
        /// A label's value, without its quotes and escapes.
        case text(String)
        case number(Double)
        /// Seconds.
        case duration(Double)
        /// `(`, `+`, `=~` and the like.
        case mark(String)
        case end
    }

    let kind: Kind
    /// In characters (Unicode's scalars), from 1.
    let column: Int

    /// As it stands in errors.
    var shown: String {
        switch kind {
        case .name(let name): "'\(AlertError.line(name))'"
        case .text(let text): "\"\(AlertError.line(text))\""
        case .number(let number): PromQL.number(number)
        case .duration(let seconds): PromQL.duration(seconds)
        case .mark(let mark): "'\(mark)'"
        case .end: "the end"
        }
    }
}
