import Foundation

/// Queries as Prometheus reads them.
enum PromQL {
    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": quoted += "\\\\"
            case "\"": quoted += "\\\""
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// Whole units, the largest that fits: Prometheus 2 takes no fractions.
    static func duration(_ seconds: TimeInterval) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        for (unit, length) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)]
        where milliseconds >= length && milliseconds % length == 0 {
            return "\(milliseconds / length)\(unit)"
        }
        return "\(milliseconds)ms"
    }

    private static let special = #"\.+*?()|[]{}^$"#.unicodeScalars

    /// An expression that matches the text and nothing else.
    static func literal(_ text: String) -> String {
        text.unicodeScalars.map { special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
    }

    /// What an expression says that is written as ours are: alternatives without anything special in them, or one
    /// beginning.
    /// - Returns: nil: it is another.
    static func condition(matching expression: String) -> Selector.Matcher.Condition? {
        let isBeginning = expression.hasSuffix(".*")
        var alternatives = [""]
        var scalars = Array(expression.unicodeScalars.dropLast(isBeginning ? 2 : 0)).makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "\\":
                guard let escaped = scalars.next(), special.contains(escaped) else { return nil }
                alternatives[alternatives.count - 1].unicodeScalars.append(escaped)
            case "|": alternatives.append("")
            default:
                if special.contains(scalar) { return nil }
                alternatives[alternatives.count - 1].unicodeScalars.append(scalar)
            }
        }
        if isBeginning { return alternatives.count == 1 ? .hasPrefix(alternatives[0]) : nil }
        return .isOneOf(alternatives)
    }
}

extension Selector {
    var promQL: String {
        guard !matchers.isEmpty else { return metric }
        return metric + "{" + matchers.map(\.promQL).joined(separator: ",") + "}"
    }
}

extension Selector.Matcher {
    fileprivate var promQL: String {
        switch condition {
        case .is(let value): "\(label)=\(PromQL.quoted(value))"
        case .isNot(let value): "\(label)!=\(PromQL.quoted(value))"
        case .isOneOf(let values):
            "\(label)=~\(PromQL.quoted(values.map(PromQL.literal).joined(separator: "|")))"
        case .hasPrefix(let prefix): "\(label)=~\(PromQL.quoted(PromQL.literal(prefix) + ".*"))"
        }
    }
}

extension Query {
    public var promQL: String {
        switch self {
        case .constant(let value): PromQL.number(value)
        case .time: "time()"
        case .gauge(let selector): selector.promQL
        case .rate(let selector, let window): "rate(\(selector.promQL)[\(PromQL.duration(window))])"
        case .increase(let selector, let window): "increase(\(selector.promQL)[\(PromQL.duration(window))])"
        case .quantile(let quantile, let inner): "histogram_quantile(\(PromQL.number(quantile)), \(inner.promQL))"
        case .sum(let inner, let labels): Self.aggregation("sum", inner, labels)
        case .max(let inner, let labels): Self.aggregation("max", inner, labels)
        case .arithmetic(let operation, let left, let right):
            "\(left.operand) \(operation.rawValue) \(right.operand)"
        }
    }

    /// Several gateways that one Prometheus watches must not be taken together.
    private static func aggregation(_ name: String, _ inner: Query, _ labels: [String]) -> String {
        "\(name) by (\((["instance"] + labels).joined(separator: ", "))) (\(inner.promQL))"
    }

    var operand: String {
        if case .arithmetic = self { "(\(promQL))" } else { promQL }
    }
}
