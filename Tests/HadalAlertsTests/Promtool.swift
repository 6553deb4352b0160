import Foundation
import TestSupport

@testable import HadalAlerts

enum Promtool {
    static var isThere: Bool {
        ["/usr/bin/promtool", "/usr/local/bin/promtool"].contains(where: FileManager.default.isExecutableFile)
    }

    static func run(_ arguments: [String]) async throws -> String { try await Shell.output(["promtool"] + arguments) }

    private static func input(_ series: [Series: [Double?]]) -> [String] {
        series.map { series, values in
            let text = values.map { $0.map(PromQL.number) ?? "_" }.joined(separator: " ")
            return "      - {series: '\(series.metric)\(series.labels)', values: '\(text)'}"
        }.sorted()
    }

    /// Each query against what it should come to, which is put in as series too: rounding may differ in the last digit.
    static func test(
        _ series: [Series: [Double?]], _ queries: [(promQL: String, values: [Labels: Double])], steps: Int
    ) async throws -> String {
        let end = "\((steps - 1) * 15)s"
        var lines = ["evaluation_interval: 15s", "tests:", "  - interval: 15s", "    input_series:"] + input(series)
        for (number, query) in queries.enumerated() {
            for (labels, value) in query.values {
                let expected = Series(
                    "expected",
                    Labels(
                        Dictionary(
                            uniqueKeysWithValues: labels.pairs.map { ($0.name, $0.value) } + [("query", "\(number)")])))
                lines.append("      - {series: '\(expected.metric)\(expected.labels)', values: '\(value)+0x\(steps)'}")
            }
        }
        lines.append("    promql_expr_test:")
        for (number, query) in queries.enumerated() {
            let difference = "abs((\(query.promQL)) - ignoring(query) expected{query=\"\(number)\"})"
            lines += [
                "      - {expr: '\(difference) > 1e-9', eval_time: \(end)}",
                "      - expr: 'count(\(difference))'",
                "        eval_time: \(end)",
                "        exp_samples: [{labels: '{}', value: \(query.values.count)}]",
            ]
        }
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        try folder.write(lines.joined(separator: "\n").utf8, "test.yml")
        return try await run(["test", "rules", folder.file("test.yml")])
    }

    static func test(
        _ rule: AlertRule, _ series: [Series: [Double?]], _ firing: [(step: Int, levels: Set<AlertLevel>)]
    ) async throws -> String {
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        try folder.write(PrometheusRules.yaml([rule]).utf8, "rules.yml")
        var lines = [
            "rule_files: [rules.yml]", "evaluation_interval: 15s", "tests:", "  - interval: 15s", "    input_series:",
        ]
        lines += input(series) + ["    alert_rule_test:"]
        for (step, levels) in firing {
            lines += ["      - eval_time: \(step * 15)s", "        alertname: \(rule.name)", "        exp_alerts:"]
            for level in levels.sorted() {
                lines += [
                    "          - exp_labels: {severity: \(level.rawValue), model: a}",
                    "            exp_annotations: {summary: a is high., description: Look at a.}",
                ]
            }
        }
        try folder.write(lines.joined(separator: "\n").utf8, "test.yml")
        return try await run(["test", "rules", folder.file("test.yml")])
    }
}
