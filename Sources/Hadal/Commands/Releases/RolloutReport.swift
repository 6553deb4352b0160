import HadalJSON
import HadalTerminal

/// A rollout for people.
struct RolloutReport {
    private let rollout: JSON

    init(_ rollout: JSON) { self.rollout = rollout }

    /// Changes when something changes.
    var line: String {
        var parts = [rollout.shown("state")]
        if let step = rollout["step"]?.int, let steps = rollout["plan"]?["steps"]?.array, step < steps.count {
            parts.append("step \(step + 1) of \(steps.count), \(steps[step].shown("share")) %")
        }
        let pending = (rollout["pending"]?.array ?? []).compactMap(\.string)
        if !pending.isEmpty { parts.append("to do: " + pending.joined(separator: ", ")) }
        if let reason = rollout["reason"]?.string, !reason.isEmpty { parts.append(reason) }
        return ControlFilter.cleanLine(parts.joined(separator: "; "))
    }

    var text: String {
        var lines = [
            "rollout \(rollout.shown("id")) of \(rollout.shown("alias")): \(rollout.rolloutText)", line,
            "asked for by \(rollout["by"]?.shown("name") ?? "-") at \(rollout.shown("started"))",
        ]
        if rollout["state"] == "waiting" { lines.append("waits for approval until \(rollout.shown("approvalUntil"))") }
        lines.append("digest \(rollout.shown("digest"))")
        for verdict in rollout["verdicts"]?.array ?? [] {
            let name = verdict["guardrail"]?.shown("metric") ?? "-"
            lines.append("\(name): \(verdict.shown("outcome")), \(verdict.shown("reason"))")
        }
        if let shadow = rollout["shadow"] {
            lines.append(
                "compared \(shadow.shown("compared")), identical \(shadow.shown("identical")), similar "
                    + "\(shadow.shown("similar")), failed \(shadow.shown("failed"))")
        }
        return lines.joined(separator: "\n")
    }
}

/// What an A/B test says, for people.
struct ExperimentReport {
    private let results: JSON

    init(_ results: JSON) { self.results = results }

    var text: String {
        let metrics = results["metrics"]?.array ?? []
        let rows = metrics.map { metric in
            let (baseline, candidate) = (metric["baseline"] ?? .null, metric["candidate"] ?? .null)
            let test = metric["test"]
            return [
                metric.shown("metric"), baseline.shown("mean"), candidate.shown("mean"),
                "\(baseline.shown("subjects"))/\(candidate.shown("subjects"))", test?.shown("p") ?? "-",
                test.map { "\($0.shown("low")) to \($0.shown("high"))" } ?? "-",
                metric["sequential"]?.shown("p") ?? "-",
            ]
        }
        let header = ["METRIC", "BASELINE", "CANDIDATE", "SUBJECTS", "P", "DIFFERENCE", "P AT ANY LOOK"]
        var parts = [Table(header: header, rows: rows, numbers: [1, 2, 4, 6]).text]
        for metric in metrics {
            for warning in metric["warnings"]?.array ?? [] {
                parts.append("\(metric.shown("metric")): \(ControlFilter.cleanLine(warning.string ?? ""))")
            }
        }
        for matrix in results["confusion"]?.array ?? [] {
            parts.append(
                "version \(matrix.shown("version")): accuracy \(matrix.shown("accuracy")) of \(matrix.shown("total")), "
                    + "macro F1 \(matrix.shown("macroF1"))")
            let cells = (matrix["cells"]?.array ?? []).map {
                [$0.shown("actual"), $0.shown("predicted"), $0.shown("count")]
            }
            parts.append(Table(header: ["ACTUAL", "PREDICTED", "COUNT"], rows: cells, numbers: [2]).text)
        }
        return parts.joined(separator: "\n")
    }
}
