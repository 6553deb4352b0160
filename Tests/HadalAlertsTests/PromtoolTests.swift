import Foundation
import TestSupport
import Testing

@testable import HadalAlerts

/// The same in Prometheus' own words: Debian's package `prometheus` has promtool.
@Suite(
    .enabled("promtool is not installed: apt-get install prometheus") { Promtool.isThere }, .timeLimit(.minutes(15)))
struct PromtoolTests {
    @Test func builtInRulesAreRules() async throws {
        var limits = AlertLimits()
        limits.latency = .init(seconds: 2.5, share: 0.95)
        limits.firstToken = 5
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        let rules = try BuiltInRules.rules(limits)
        try folder.write(PrometheusRules.yaml(rules).utf8, "rules.yml")
        let output = try await Promtool.run(["check", "rules", folder.file("rules.yml")])
        let alerts = rules.reduce(1) { $0 + $1.thresholds.values.count }
        #expect(output.contains("SUCCESS: \(alerts) rules found"), "\(output)")
    }

    /// Random series with resets and late beginnings; every query has to come to the same in both.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func queriesComeToTheSame(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        let steps = 40
        var series: [Series: [Double?]] = [:]
        for model in ["a", "b", "c"] {
            for status in ["200", "404", "500", "503"] {
                series[Series("requests", ["model": model, "status": status])] = Self.counter(steps, &random)
            }
            for (bound, share) in [("0.1", 0.2), ("1", 0.5), ("2.5", 0.9), ("+Inf", 1.0)] {
                // All from the same steps, so that no bucket has more than the next.
                var same = SplitMix(state: seed + UInt64(model.utf8.first!))
                series[Series("seconds_bucket", ["model": model, "le": bound])] = Self.counter(steps, &same).map {
                    $0.map { ($0 * share).rounded(.down) }
                }
            }
            series[Series("used", ["model": model])] = (0..<steps).map { _ in
                Double(Int.random(in: 0...100, using: &random))
            }
            series[Series("all", ["model": model])] = Array(repeating: 128, count: steps)
        }
        let (requests, failed) = (Selector("requests"), Selector("requests", ["status": .hasPrefix("5")]))
        let queries: [Query] = [
            .gauge(Selector("used")), .gauge(Selector("used")) / .gauge(Selector("all")),
            1 - .gauge(Selector("used")) / 128, .gauge(Selector("used")) * 2 - 7, .time - .gauge(Selector("used")),
            .max(.gauge(Selector("used")), by: []),
            .sum(.gauge(Selector("used", ["model": .isOneOf(["a", "c"])])), by: []),
            .increase(requests, over: 60), .increase(requests, over: 300), .rate(requests, over: 600),
            .rate(failed, over: 90),
            .sum(.rate(failed, over: 300), by: ["model"]) / .sum(.rate(requests, over: 300), by: ["model"]),
            .sum(.increase(Selector("requests", ["status": .isNot("200")]), over: 300), by: []),
            .quantile(0.5, of: "seconds", by: ["model"], over: 300),
            .quantile(0.99, of: "seconds", by: ["model"], over: 300),
            .quantile(0.9, of: "seconds", by: [], over: 120),
        ]
        let history = History.of(series)
        let found = queries.map { $0.value(in: history).filter { !$1.isNaN } }
        #expect(found.allSatisfy { !$0.isEmpty })
        // promtool's time begins at 0 and ours does not; only time() tells.
        let shifted = zip(queries, found).map { query, values in
            query == queries[4] ? values.mapValues { $0 - History.start } : values
        }
        let output = try await Promtool.test(series, zip(queries, shifted).map { ($0.promQL, $1) }, steps: steps)
        #expect(output.contains("SUCCESS"), "\(output)")
    }

    /// Whole numbers, begun anew now and then; begun late.
    private static func counter(_ steps: Int, _ random: inout SplitMix) -> [Double?] {
        var value = Int.random(in: 0...50, using: &random)
        let begin = Int.random(in: 0...10, using: &random)
        return (0..<steps).map { step in
            value = Int.random(in: 0..<20, using: &random) == 0 ? 0 : value + Int.random(in: 0...30, using: &random)
            return step >= begin ? Double(value) : nil
        }
    }

    /// A gauge wanders about three thresholds for two hours: the same levels have to fire at the same times.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func alertsFireAtTheSameTimes(_ seed: UInt64) async throws {
        var random = SplitMix(state: seed)
        var value = 75.0
        let values: [Double?] = (0..<480).map { _ in
            value = max(50, min(110, value + Double(Int.random(in: -6...6, using: &random))))
            return value
        }
        // Without the value: Prometheus keeps that of the last time that the threshold was passed.
        let rule = AlertRule(
            "GaugeIsHigh", .gauge(Selector("x")), .above([.warning: 80, .serious: 90, .critical: 95]), holds: 60,
            eases: 60, clearance: 0, summary: "{model} is high.", advice: "Look at {model}.")
        let series = [Series("x", ["model": "a"]): values]
        var engine = try AlertEngine(rules: [rule])
        var history = History()
        var firing: [(step: Int, levels: Set<AlertLevel>)] = []
        for step in values.indices {
            history.add(series, at: step)
            _ = engine.evaluate(history, now: Date(timeIntervalSince1970: History.start + Double(step) * 15))
            let watches = engine.state.alerts.first?.watches.filter { $1.isFiring } ?? [:]
            firing.append((step, Set(watches.keys)))
        }
        #expect(Set(firing.map(\.levels)).count > 2)
        let output = try await Promtool.test(rule, series, firing)
        #expect(output.contains("SUCCESS"), "\(output)")
    }

    /// What people read of a built-in rule.
    @Test func annotationsAreFilled() async throws {
        let rule = try #require(try BuiltInRules.rules().first { $0.name == "HadalErrors" })
        let folder = try TemporaryDirectory()
        defer { withExtendedLifetime(folder) {} }
        try folder.write(PrometheusRules.yaml([rule]).utf8, "rules.yml")
        let test = """
            rule_files: [rules.yml]
            evaluation_interval: 15s
            tests:
              - interval: 15s
                input_series:
                  - {series: 'hadal_http_requests_total{status="200",instance="i"}', values: '0+7x100'}
                  - {series: 'hadal_http_requests_total{status="500",instance="i"}', values: '0+1x100'}
                alert_rule_test:
                  - eval_time: 15m
                    alertname: HadalErrors
                    exp_alerts:
                      - exp_labels: {severity: warning, instance: i}
                        exp_annotations: &texts
                          summary: '12.5% of the requests fail.'
                          description: "They end with a status of 500 or more; the server's log says why each one did."
                      - exp_labels: {severity: serious, instance: i}
                        exp_annotations: *texts
            """
        try folder.write(test.utf8, "test.yml")
        let output = try await Promtool.run(["test", "rules", folder.file("test.yml")])
        #expect(output.contains("SUCCESS"), "\(output)")
    }
}
