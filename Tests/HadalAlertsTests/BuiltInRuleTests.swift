import Foundation
import Testing

@testable import HadalAlerts

/// Metrics as the gateway writes them, and what becomes of them at once, without waiting.
@Suite(.timeLimit(.minutes(15)))
struct BuiltInRuleTests {
    private static let now = 1_800_000_000.0
    private static let day = 86_400.0
    private static let answers = "hadal_generations_total{model=\"a\",outcome=\""

    @Test(arguments: [
        ("hadal_worker_ready{model=\"a\"} 0\nhadal_worker_ready{model=\"b\"} 1", ["HadalWorkerDown critical a"]),
        ("hadal_engine_cache_usage_ratio{model=\"a\"} 0.91", ["HadalCacheFull serious 91 %"]),
        (
            "hadal_worker_memory_bytes{model=\"a\"} 85\nhadal_worker_memory_limit_bytes{model=\"a\"} 100",
            ["HadalWorkerMemory warning 85 %"]
        ),
        // There is no limit.
        ("hadal_worker_memory_bytes{model=\"a\"} 85\nhadal_worker_memory_limit_bytes{model=\"a\"} 0", []),
        ("hadal_worker_memory_bytes{model=\"a\"} 85", []),
        (
            "hadal_disk_bytes{use=\"data\"} 1000\nhadal_disk_free_bytes{use=\"data\"} 40",
            ["HadalDisk critical The disk of data is 96 % full."]
        ),
        (
            "hadal_certificate_not_after_seconds{use=\"clients\"} \(now + 6 * day)",
            ["HadalCertificateEnds serious The certificate for clients ends in 6 days."]
        ),
        ("hadal_certificate_not_after_seconds{use=\"clients\"} \(now + 60 * day)", []),
        ("hadal_audit_failing 1", ["HadalAuditFailing critical"]), ("hadal_audit_failing 0", []),
        ("hadal_store_damaged_files 2", ["HadalStoreDamaged serious 2 files"]),
        ("hadal_store_replicas_damaged_files 2", ["HadalReplicaDamaged warning 2 files"]),
        (
            "hadal_store_replicas_verified_until_seconds \(now - 61 * day)",
            ["HadalReplicaPatrolBehind warning 61 days"]
        ),
        ("hadal_store_replicas_verified_until_seconds 0\nhadal_store_replicas_damaged_files 0", []),
        ("hadal_backup_safe_until_seconds 0", ["HadalBackupNone serious"]),
        ("hadal_backup_safe_until_seconds \(now - 18000)", ["HadalBackupBehind serious 5 hours"]),
        ("hadal_backup_safe_until_seconds \(now - 20)", []),
        ("hadal_store_verified_until_seconds \(now - 15 * day)", ["HadalPatrolBehind warning 15 days"]),
        ("hadal_store_verified_until_seconds 0", []),
        (
            "hadal_gpu_ready{gpu=\"1\",uuid=\"GPU-b\",name=\"H100\"} 0",
            ["HadalGPULost critical GPU 1 (H100) does not answer."]
        ),
        (
            "hadal_gpu_temperature_celsius{gpu=\"0\",uuid=\"GPU-a\",name=\"H100\"} 86",
            ["HadalGPUTemperature critical GPU 0 (H100) has 86 °C."]
        ),
        ("hadal_gpu_temperature_celsius{gpu=\"0\",uuid=\"GPU-a\",name=\"H100\"} 75", []),
        (
            "hadal_gpu_slowed{gpu=\"0\",name=\"H100\",reason=\"hw_thermal_slowdown\"} 1",
            ["HadalGPUSlowed serious hw_thermal_slowdown"]
        ),
        // As it is to be under full load.
        ("hadal_gpu_slowed{gpu=\"0\",name=\"H100\",reason=\"sw_power_cap\"} 1", []),
        ("", []),
    ])
    func gauges(_ text: String, _ told: [String]) throws {
        try Self.expect([text], told)
    }

    @Test(arguments: [
        (
            "hadal_worker_restarts_total{model=\"a\"} 0", "hadal_worker_restarts_total{model=\"a\"} 3",
            ["HadalWorkerRestarts serious a was started anew about 3 times"]
        ),
        // One was lost, which is extended to the time before, as in Prometheus.
        (
            "hadal_audit_lost_total 1", "hadal_audit_lost_total 2", ["HadalAuditLost critical About 2 records"]
        ),
        (
            "hadal_content_verdicts_total{tenant=\"t\",step=\"firewall\",action=\"block\"} 0",
            "hadal_content_verdicts_total{tenant=\"t\",step=\"firewall\",action=\"block\"} 120",
            ["HadalBlockBurst serious the tenant t"]
        ),
        (
            "hadal_content_verdicts_total{tenant=\"t\",step=\"firewall\",action=\"pass\"} 0",
            "hadal_content_verdicts_total{tenant=\"t\",step=\"firewall\",action=\"pass\"} 120", []
        ),
        (
            "hadal_limit_refusals_total{tenant=\"t\",limit=\"requests\"} 0",
            "hadal_limit_refusals_total{tenant=\"t\",limit=\"requests\"} 150",
            ["HadalRefusals warning the limit requests"]
        ),
        // Of fewer than ten in five minutes nothing is said, but by the objective's longer look at twenty.
        (
            "\(answers)failed\"} 0",
            "\(answers)failed\"} 9", []
        ),
        (
            "\(answers)failed\"} 0\n\(answers)ok\"} 0",
            "\(answers)failed\"} 2\n\(answers)ok\"} 14",
            ["HadalAnswersFail serious 12.5 % of the answers of a"]
        ),
        // Who went away is no failure.
        (
            "\(answers)cancelled\"} 0\n\(answers)ok\"} 0",
            "\(answers)cancelled\"} 50\n\(answers)ok\"} 50",
            []
        ),
        (
            "hadal_queue_seconds_bucket{model=\"a\",le=\"10\"} 0\nhadal_queue_seconds_bucket{model=\"a\",le=\"60\"} 0\n"
                + "hadal_queue_seconds_bucket{model=\"a\",le=\"+Inf\"} 0",
            "hadal_queue_seconds_bucket{model=\"a\",le=\"10\"} 50\n"
                + "hadal_queue_seconds_bucket{model=\"a\",le=\"60\"} 100\n"
                + "hadal_queue_seconds_bucket{model=\"a\",le=\"+Inf\"} 100",
            ["HadalQueueWait critical waits for 59 seconds"]
        ),
    ])
    func counters(_ before: String, _ after: String, _ told: [String]) throws {
        try Self.expect([before, after], told)
    }

    /// An hour in which all answers but a few begin in time, and one in which they do not.
    @Test(arguments: [(0.9, false), (0.2, true)])
    func latency(_ share: Double, _ isTold: Bool) throws {
        let texts = (0..<2).map { step in
            let all = Double(step) * 1000
            return """
                hadal_time_to_first_token_seconds_bucket{model="a",le="2.5"} \(all * share)
                hadal_time_to_first_token_seconds_bucket{model="a",le="+Inf"} \(all)
                hadal_time_to_first_token_seconds_count{model="a"} \(all)
                """
        }
        // 5 % may be late: 14.4 times that is 72 %, and 6 times 30 %.
        try Self.expect(
            texts, isTold ? ["HadalLatencyFastBurn critical 80 %", "HadalLatencySlowBurn serious 2.5 seconds"] : [])
    }

    /// - Parameter told: rule, level, and what the summary has.
    private static func expect(_ texts: [String], _ told: [String]) throws {
        var limits = AlertLimits()
        limits.latency = .init(seconds: 2.5, share: 0.95)
        var atOnce = AlertRuleSettings()
        atOnce.holds = 0
        let settings = try BuiltInRules.rules(limits).map { ($0.name, atOnce) }
        let rules = try BuiltInRules.rules(limits, settings: Dictionary(uniqueKeysWithValues: settings))
        var engine = try AlertEngine(rules: rules)
        var history = History()
        var events: [AlertEvent] = []
        for (step, text) in texts.enumerated() {
            let time = Date(timeIntervalSince1970: now + Double(step) * 15)
            history.add(try MetricFrame(parsing: text, time: time, wanted: engine.selectors))
            events = engine.evaluate(history, now: time)
        }
        let found = events.map { "\($0.rule) \($0.level!) \($0.summary)" }
        #expect(found.count == told.count, "\(found)")
        for (found, told) in zip(found, told) {
            let words = told.split(separator: " ", maxSplits: 2)
            #expect(found.hasPrefix("\(words[0]) \(words[1])"))
            #expect(words.count < 3 || found.contains(words[2]), "\(found)")
        }
    }
}
