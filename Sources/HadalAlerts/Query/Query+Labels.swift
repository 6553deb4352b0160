extension Query {
    /// The labels that its values have; nil: of a metric that is not known. Of two queries those that either has: where
    /// they differ no value has a counterpart.
    var labels: Set<String>? {
        switch self {
        case .constant, .time: []
        case .gauge(let selector), .rate(let selector, _), .increase(let selector, _):
            MetricLabels.all[selector.metric]
        case .quantile(_, let inner): inner.labels?.subtracting(["le"])
        case .sum(let inner, let labels), .max(let inner, let labels):
            inner.labels.map { $0.intersection(labels) } ?? Set(labels)
        case .arithmetic(_, let left, let right):
            left.labels.flatMap { left in right.labels.map { left.union($0) } }
        }
    }
}
