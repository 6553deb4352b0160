import HadalJSON
import HadalTerminal

/// A rollout for people.
struct RolloutReport {
    private let rollout: JSON

    init(_ rollout: JSON) { self.rollout = rollout }

    var line: String { [stage, guardrails, figures].filter { !$0.isEmpty }.joined(separator: "; ") }

    /// Where it stands.
    var stage: String {
        var parts = [rollout.shown("state")]
        if let step = rollout["step"]?.int, let steps = rollout["plan"]?["steps"]?.array, step < steps.count {
            parts.append("step \(step + 1) of \(steps.count), \(steps[step].shown("share")) %")
        }
        let pending = (rollout["pending"]?.array ?? []).compactMap(\.string)
        if !pending.isEmpty { parts.append("to do: " + pending.joined(separator: ", ")) }
        if let reason = rollout["reason"]?.string, !reason.isEmpty { parts.append(reason) }
        return ControlFilter.cleanLine(parts.joined(separator: "; "))
    }

    /// What each guardrail says: `error_rate holds, total_latency too few`.
    var guardrails: String {
        (rollout["verdicts"]?.array ?? []).map { verdict in
            let outcome = verdict.shown("outcome")
            return "\(verdict["guardrail"]?.shown("metric") ?? "-") \(outcome == "tooFew" ? "too few" : outcome)"
        }.joined(separator: ", ")
    }

    /// What changes all the time: how much is loaded, and each version's requests in the present step.
    var figures: String {
        let requests = (rollout["requests"]?.array ?? []).map { version in
            let failed = version["errors"]?.int.flatMap { $0 > 0 ? " (\($0) failed)" : nil } ?? ""
            return "\(version.shown("version")): \(version.shown("finished"))\(failed)"
        }
        let parts = [
            rollout["loaded"]?.double.map { "loading \($0.percentText)" },
            requests.isEmpty ? nil : "requests \(requests.joined(separator: ", "))",
        ]
        return parts.compactMap(\.self).joined(separator: "; ")
    }

    var text: String {
        var lines = [
            "rollout \(rollout.shown("id")) of \(rollout.shown("alias")): \(rollout.rolloutText)", stage,
            "asked for by \(rollout["by"]?.shown("name") ?? "-") at \(rollout.shown("started"))",
        ]
        if rollout["state"] == "waiting" { lines.append("waits for approval until \(rollout.shown("approvalUntil"))") }
        lines.append("digest \(rollout.shown("digest"))")
        if !figures.isEmpty { lines.append(figures) }
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

extension Double {
    /// Of a part of the whole: `40 %`.
    var percentText: String { "\(Int(min(max(self, 0), 1) * 100)) %" }
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
