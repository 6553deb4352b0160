extension Query {
    private enum Value {
        case scalar(Double)
        case vector([Labels: Double])

        var vector: [Labels: Double] {
            switch self {
            case .scalar(let value): [[:]: value]
            case .vector(let values): values
            }
        }
    }

    /// What it comes to at the time of the last frame; nothing where there is nothing to tell it from.
    public func value(in history: History) -> [Labels: Double] { evaluated(in: history).vector }

    private func evaluated(in history: History) -> Value {
        switch self {
        case .constant(let value): .scalar(value)
        case .time: history.time.map(Value.scalar) ?? .vector([:])
        case .gauge(let selector): .vector(history.latest(selector))
        case .increase(let selector, let window):
            .vector(history.over(window, selector) { CounterIncrease.extrapolated($0, to: $1) })
        case .rate(let selector, let window):
            .vector(
                history.over(window, selector) { points, whole in
                    CounterIncrease.extrapolated(points, to: whole).map { $0 / window }
                })
        case .quantile(let quantile, let inner):
            .vector(HistogramQuantile.values(quantile, inner.value(in: history)))
        case .sum(let inner, let labels): .vector(Self.grouped(inner.value(in: history), labels, +))
        case .max(let inner, let labels): .vector(Self.grouped(inner.value(in: history), labels, Self.larger))
        case .arithmetic(let operation, let left, let right):
            Self.combined(left.evaluated(in: history), right.evaluated(in: history), operation.result)
        }
    }

    private static func grouped(
        _ values: [Labels: Double], _ labels: [String], _ combine: (Double, Double) -> Double
    ) -> [Labels: Double] {
        // In order, so that rounding is always the same.
        let ordered = values.sorted { $0.key < $1.key }.map { ($0.key.keeping(labels), $0.value) }
        return Dictionary(ordered, uniquingKeysWith: combine)
    }

    /// What is no number is less than all numbers.
    private static func larger(_ left: Double, _ right: Double) -> Double {
        left.isNaN || right > left ? right : left
    }

    private static func combined(_ left: Value, _ right: Value, _ result: (Double, Double) -> Double) -> Value {
        switch (left, right) {
        case (.scalar(let left), .scalar(let right)): .scalar(result(left, right))
        case (.vector(let left), .scalar(let right)): .vector(left.mapValues { result($0, right) })
        case (.scalar(let left), .vector(let right)): .vector(right.mapValues { result(left, $0) })
        case (.vector(let left), .vector(let right)):
            .vector(
                Dictionary(
                    uniqueKeysWithValues: left.compactMap { labels, value in
                        right[labels].map { (labels, result(value, $0)) }
                    }))
        }
    }
}

extension Query.Operation {
    fileprivate func result(_ left: Double, _ right: Double) -> Double {
        switch self {
        case .plus: left + right
        case .minus: left - right
        case .times: left * right
        case .dividedBy: left / right
        }
    }
}
