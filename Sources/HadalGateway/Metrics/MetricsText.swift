/// Metrics in one of the text formats that scrapers read.
struct MetricsText: Sendable {
    enum Format: Sendable {
        /// Prometheus' own, version 0.0.4.
        case prometheus
        /// OpenMetrics 1.0, which can tell of a request as an example of a bucket.
        case openMetrics

        /// - Parameter accept: the header, of which only whether OpenMetrics is named counts: who can read it wants it.
        init(accept: String?) {
            self = accept?.contains("application/openmetrics-text") == true ? .openMetrics : .prometheus
        }

        var contentType: String {
            switch self {
            case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
            case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
        }
    }

    /// A request that is in a bucket.
    struct Exemplar: Sendable, Hashable {
        /// Which the client knows, and the audit trail.
        var request: String
        var value: Double
        /// Seconds since 1970.
        var time: Double
    }

    private let format: Format
    private(set) var text = ""
    private var current: MetricDescription?

    init(_ format: Format = .prometheus) { self.format = format }

    /// What is added from here on belongs to this metric.
    mutating func begin(_ description: MetricDescription) {
        current = description
        var name = description.name
        // There the suffix belongs to a counter's sample, not to its family.
        if format == .openMetrics, description.kind == .counter, name.hasSuffix("_total") { name.removeLast(6) }
        text += "# HELP \(name) \(Self.escaped(description.help, quotes: format == .openMetrics))\n"
        text += "# TYPE \(name) \(description.kind.rawValue)\n"
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
    ///   - exemplar: of that bucket, where the format has them.
    mutating func add(
        _ labels: LabelValues, _ value: Double, suffix: String = "", bound: Double? = nil, exemplar: Exemplar? = nil
    ) {
        guard let current else { return }
        var pairs = zip(current.labels, labels.prefix(current.labels.count)).map { name, value in
            "\(name)=\"\(Self.escaped(value, quotes: true))\""
        }
        if let bound { pairs.append("le=\"\(self.bound(bound))\"") }
        let shown = pairs.isEmpty ? "" : "{" + pairs.joined(separator: ",") + "}"
        text += "\(current.name)\(suffix)\(shown) \(Self.number(value))"
        if let exemplar, format == .openMetrics {
            let request = Self.escaped(String(exemplar.request.prefix(Self.exemplarLength)), quotes: true)
            text += " # {request_id=\"\(request)\"} \(Self.number(exemplar.value)) \(Self.number(exemplar.time))"
        }
        text += "\n"
    }

    /// Nothing is added after it.
    mutating func end() { if format == .openMetrics { text += "# EOF\n" } }

    /// OpenMetrics allows 128 characters, the label's name among them.
    private static let exemplarLength = 100

    /// OpenMetrics wants bounds as floats: `1.0`.
    private func bound(_ value: Double) -> String {
        format == .openMetrics && value.isFinite ? "\(value)" : Self.number(value)
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
