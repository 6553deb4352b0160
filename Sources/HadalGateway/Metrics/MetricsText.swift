/// Metrics in Prometheus' text format, version 0.0.4.
struct MetricsText: Sendable {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""
    private var current: MetricDescription?

    /// What is added from here on belongs to this metric.
    mutating func begin(_ description: MetricDescription) {
        current = description
        text += "# HELP \(description.name) \(Self.escaped(description.help))\n"
        text += "# TYPE \(description.name) \(description.kind.rawValue)\n"
    }

    /// A metric whose value is known when it is asked for.
    mutating func add(_ description: MetricDescription, _ samples: [(labels: LabelValues, value: Double)]) {
        begin(description)
        for (labels, value) in samples { add(labels, value) }
    }

    mutating func add(_ description: MetricDescription, _ value: Double) {
        add(description, [(LabelValues(), value)])
    }

    /// - Parameters:
    ///   - suffix: of the metric's name.
    ///   - bound: of a histogram's bucket.
    mutating func add(_ labels: LabelValues, _ value: Double, suffix: String = "", bound: Double? = nil) {
        guard let current else { return }
        var pairs = zip(current.labels, labels.prefix(current.labels.count)).map { name, value in
            "\(name)=\"\(Self.escaped(value, quotes: true))\""
        }
        if let bound { pairs.append("le=\"\(Self.number(bound))\"") }
        let shown = pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}"
        text += "\(current.name)\(suffix)\(shown) \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static let special = Array("\\\n\"".utf8)

    /// - Parameter quotes: whether the text stands in quotes.
    private static func escaped(_ text: String, quotes: Bool = false) -> String {
        guard text.utf8.contains(where: special.contains) else { return text }
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
