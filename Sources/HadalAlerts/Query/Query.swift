import Foundation

/// What a rule looks at: computed from kept values (`value(in:)`), and written for Prometheus (`promQL`), from one
/// definition. Both have Prometheus' meaning (version 2). What is written keeps the label `instance` apart, which only
/// Prometheus knows.
public indirect enum Query: Sendable, Hashable {
    public enum Operation: String, Sendable, Hashable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case dividedBy = "/"
    }

    case constant(Double)
    /// Seconds since 1970.
    case time
    /// The last values of what goes up and down.
    case gauge(Selector)
    /// What counters grow by in a second, over a window in seconds.
    case rate(Selector, over: TimeInterval)
    /// What counters grow by in a window.
    case increase(Selector, over: TimeInterval)
    /// A quantile (0...1) of what the buckets (label `le`) of histograms tell.
    case quantile(Double, Query)
    /// One value for each combination of the labels' values.
    case sum(Query, by: [String])
    case max(Query, by: [String])
    /// Of values with the same labels; a constant or the time goes with all.
    case arithmetic(Operation, Query, Query)

    public static func + (left: Query, right: Query) -> Query { .arithmetic(.plus, left, right) }
    public static func - (left: Query, right: Query) -> Query { .arithmetic(.minus, left, right) }
    public static func * (left: Query, right: Query) -> Query { .arithmetic(.times, left, right) }
    public static func / (left: Query, right: Query) -> Query { .arithmetic(.dividedBy, left, right) }

    /// - Parameter histogram: its name, without `_bucket`.
    public static func quantile(
        _ quantile: Double, of histogram: String, by labels: [String], over window: TimeInterval
    ) -> Query {
        .quantile(quantile, .sum(.rate(Selector(histogram + "_bucket"), over: window), by: labels + ["le"]))
    }

    /// All that it looks at.
    public var selectors: [Selector] {
        switch self {
        case .constant, .time: []
        case .gauge(let selector), .rate(let selector, _), .increase(let selector, _): [selector]
        case .quantile(_, let inner), .sum(let inner, _), .max(let inner, _): inner.selectors
        case .arithmetic(_, let left, let right): left.selectors + right.selectors
        }
    }
}

extension Query: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    public init(floatLiteral value: Double) { self = .constant(value) }
    public init(integerLiteral value: Int) { self = .constant(Double(value)) }
}
