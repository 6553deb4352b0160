/// PromQL over Hadal's metrics, for the servers that are chosen at the top of a dashboard.
enum Expression {
    /// - Parameter matchers: such as `action!="pass"`.
    static func metric(_ name: String, _ matchers: String = "") -> String {
        name + "{instance=~\"$instance\"" + (matchers.isEmpty ? "" : "," + matchers) + "}"
    }

    static func rate(_ name: String, by labels: String, _ matchers: String = "") -> String {
        "sum by (\(labels)) (rate(\(metric(name, matchers))[$__rate_interval]))"
    }

    static func increase(_ name: String, by labels: String, _ matchers: String = "") -> String {
        "sum by (\(labels)) (increase(\(metric(name, matchers))[$__rate_interval]))"
    }

    /// - Parameter share: 0.5, 0.99
    static func quantile(_ share: String, of name: String, by label: String) -> String {
        "histogram_quantile(\(share), sum by (le, \(label)) (rate(\(metric(name + "_bucket"))[$__rate_interval])))"
    }

    static func mean(of name: String, by label: String) -> String {
        "\(rate(name + "_sum", by: label)) / \(rate(name + "_count", by: label))"
    }
}

extension Panel {
    /// P50, P95 and P99 of a histogram.
    static func percentiles(_ title: String, _ name: String, by label: String, unit: String = "s", help: String = "")
        -> Panel
    {
        Panel(
            title: title, unit: unit,
            queries: [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")].map { share, word in
                Query(expression: Expression.quantile(share, of: name, by: label), legend: "{{\(label)}} \(word)")
            }, help: help)
    }

    static func rates(
        _ title: String, _ name: String, by labels: String, unit: String = "short", _ matchers: String = "",
        help: String = ""
    ) -> Panel {
        let legend = labels.split(separator: ",").map { "{{\($0.trimming)}}" }.joined(separator: " ")
        return Panel(
            title: title, unit: unit,
            queries: [Query(expression: Expression.rate(name, by: labels, matchers), legend: legend)], help: help)
    }

    static func values(
        _ title: String, _ queries: [(name: String, legend: String)], unit: String = "short", kind: Kind = .timeseries,
        help: String = ""
    ) -> Panel {
        Panel(
            title: title, kind: kind, unit: unit,
            queries: queries.map { Query(expression: Expression.metric($0.name), legend: $0.legend) }, help: help)
    }
}

extension Substring {
    fileprivate var trimming: String { String(drop { $0 == " " }) }
}
