import Foundation
import TestSupport
import Testing

@testable import HadalAlerts

/// Operators' rules, and which actions make sense for which rules.
@Suite struct OwnRuleTests {
    private static func own(
        _ query: String = "max by (model) (hadal_engine_sequences_waiting)", name: String = "LongQueue",
        _ change: (inout OwnRule) -> Void = { _ in }
    ) throws -> [AlertRule] {
        var rule = OwnRule(name, query, .above([.warning: 50, .critical: 200]))
        change(&rule)
        return try BuiltInRules.rules(AlertLimits(), settings: [:], own: [rule])
    }

    private static func problem(_ body: () throws -> [AlertRule]) -> String {
        do {
            _ = try body()
            return ""
        } catch { return "\(error)" }
    }

    @Test func itIsOneOfTheRules() throws {
        let rule = try #require(
            try Self.own {
                $0.holds = 300
                $0.summary = "{value} requests wait for {model}."
                $0.action = HealingAction(.shed)
            }.last)
        #expect(rule.summary.filled(["model": "r1"], value: 210, .number) == "210 requests wait for r1.")
        #expect(rule.query.labels == ["model"] && rule.holds == 300)
        let yaml = PrometheusRules.yaml([rule])
        #expect(
            yaml.contains("alert: LongQueue")
                && yaml.contains("max by (instance, model) (hadal_engine_sequences_waiting) > 200"))
        let history = History.of([Series("hadal_engine_sequences_waiting", ["model": "r1"]): [210, 210]])
        #expect(rule.readings(in: history) == [["model": "r1"]: .init(value: 210, all: [210])])
    }

    @Test(arguments: [
        ("hadal_worker_redy", "query: there is no metric hadal_worker_redy"),
        ("hadal_worker_ready{modle=\"a\"}", "query: hadal_worker_ready has no label modle; it has model"),
        ("hadal_worker_ready +", "query: column 21: expected a metric"), ("time()", "query: it looks at no metric"),
        ("rate(hadal_tokens_total[7h])", "6 hours"),
    ])
    func aQueryThatCouldNeverFireIsRefused(query: String, words: String) {
        let problem = Self.problem { try Self.own(query) }
        #expect(problem.contains(words) && problem.contains("LongQueue"), "\(problem)")
    }

    @Test func whatElseIsWrongIsNamed() {
        #expect(Self.problem { try Self.own(name: "HadalDisk") }.contains("name: another rule has it"))
        #expect(Self.problem { try Self.own(name: "no name") }.contains("letters, digits and _"))
        #expect(Self.problem { try Self.own { $0.summary = "{tenant} waits" } }.contains("summary: it names {tenant}"))
        #expect(Self.problem { try Self.own { $0.thresholds = .above([:]) } }.contains("a threshold"))
        #expect(
            Self.problem { try Self.own { $0.action = HealingAction(.shed, from: .critical, coolDown: 3601) } }
                .contains("action.cooldown"))
        #expect(
            Self.problem {
                try Self.own {
                    $0.thresholds = .above([.warning: 1])
                    $0.action = HealingAction(.shed)
                }
            }.contains("action.from: the rule never becomes critical"))
    }

    /// The rule, the action, and what is wrong with it; nil: nothing.
    static let actions: [(String, HealingAction.Kind, String?)] = [
        ("HadalWorkerMemory", .restart, nil), ("HadalWorkerDown", .restart, nil), ("HadalCacheFull", .drain, nil),
        ("HadalQueueWait", .shed, nil), ("HadalAnswersFail", .rollback, nil), ("HadalAnswersFail", .shed, nil),
        ("HadalCrashes", .drain, nil), ("HadalDisk", .restart, "no label model but use"),
        ("HadalErrors", .rollback, "no label model"), ("HadalErrors", .shed, "status 503"),
        ("HadalRefusals", .shed, "for each"), ("HadalWorkerRestarts", .restart, "counts restarts"),
        ("HadalAuditFailing", .drain, "no label model"),
    ]

    @Test(arguments: actions)
    func anActionHasToMakeSense(name: String, kind: HealingAction.Kind, words: String?) throws {
        var settings = AlertRuleSettings()
        settings.action = HealingAction(kind, from: .warning)
        let problem = Self.problem { try BuiltInRules.rules(AlertLimits(), settings: [name: settings]) }
        guard let words else {
            #expect(problem.isEmpty, "\(problem)")
            return
        }
        #expect(problem.contains(words) && problem.contains(name) && problem.contains("action.do"), "\(problem)")
    }

    @Test func itsMetricsAreThoseThatAreDescribed() throws {
        let text = try String(
            contentsOf: SharedData.repository.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
        var described: [String: Set<String>] = [:]
        for row in text.split(separator: "\n") where row.hasPrefix("| `hadal_") || row.hasPrefix("| `process_") {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let name = cells[0].trimmingCharacters(in: ["`"])
            let labels = Set(cells[1].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
            guard cells[2].contains("histogram") else {
                described[name] = labels
                continue
            }
            described[name + "_bucket"] = labels.union(["le"])
            (described[name + "_sum"], described[name + "_count"]) = (labels, labels)
        }
        #expect(MetricLabels.all == described)
        for rule in try BuiltInRules.rules() {
            for selector in rule.selectors {
                let labels = try #require(described[selector.metric], "\(rule.name): \(selector.metric)")
                #expect(selector.matchers.allSatisfy { labels.contains($0.label) })
            }
        }
    }
}
