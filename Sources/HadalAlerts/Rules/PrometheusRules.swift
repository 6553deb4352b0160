/// Rules as a file for Prometheus (`rule_files`), for those who have one: the same queries, thresholds and times, one
/// alert for each level, told apart by the label `severity`.
///
/// What Prometheus has no words for is left out: silences, actions, and that a level is over only when the value has
/// come back some way.
public enum PrometheusRules {
    /// - Parameter job: Hadal's in Prometheus; its alert HadalDown is the one that Hadal cannot give itself.
    public static func yaml(_ rules: [AlertRule], job: String = "hadal") -> String {
        var lines = [
            "# Alerts for Prometheus, written by Hadal; docs/alerts.md says when each fires.",
            "groups:",
            "  - name: hadal",
            "    rules:",
        ]
        lines += alert(
            "HadalDown", "up{job=\(PromQL.quoted(job))} == 0", .critical, holds: 120, eases: 0,
            summary: "{{ $labels.instance }} does not answer.",
            advice: "The gateway is down, or Prometheus may not read it.")
        for rule in rules {
            for (level, threshold) in rule.thresholds.ordered {
                lines += alert(
                    rule.name, rule.expression(threshold), level, holds: rule.holds, eases: rule.eases,
                    summary: rule.summary.prometheus(rule.unit), advice: rule.advice.prometheus(rule.unit))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func alert(
        _ name: String, _ expression: String, _ level: AlertLevel, holds: Double, eases: Double, summary: String,
        advice: String
    ) -> [String] {
        [
            "      - alert: \(name)",
            "        expr: \(quoted(expression))",
            holds > 0 ? "        for: \(PromQL.duration(holds))" : nil,
            eases > 0 ? "        keep_firing_for: \(PromQL.duration(eases))" : nil,
            "        labels: {severity: \(level.rawValue)}",
            "        annotations:",
            "          summary: \(quoted(summary))",
            "          description: \(quoted(advice))",
        ].compactMap { $0 }
    }

    /// As YAML reads it.
    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
}

extension AlertRule {
    /// True for those labels for which the threshold is passed.
    func expression(_ threshold: Double) -> String {
        var conditions = ([query] + [confirmation].compactMap { $0 }).map {
            "\($0.operand) \(thresholds.direction.rawValue) \(PromQL.number(threshold))"
        }
        conditions += guards.map { "\($0.query.operand) >= \(PromQL.number($0.least))" }
        return conditions.joined(separator: " and ")
    }
}
