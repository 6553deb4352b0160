import Foundation
import TestSupport
import Testing

@testable import HadalAlerts

extension AlertRule {
    /// Over the gauge `x`, by the label `model`.
    static func ofGauge(
        _ thresholds: AlertThresholds = .above([.warning: 80, .serious: 90, .critical: 95]), holds: TimeInterval = 60,
        eases: TimeInterval = 60, clearance: Double = 0.05, action: HealingAction? = nil
    ) -> AlertRule {
        AlertRule(
            "GaugeIsHigh", .gauge(Selector("x")), thresholds, holds: holds, eases: eases, clearance: clearance,
            summary: "{model} is at {value}.", advice: "Look at {model}.", action: action)
    }
}

@Suite(.timeLimit(.minutes(15)))
struct RuleTests {
    @Test func builtInRulesHold() throws {
        var limits = AlertLimits()
        limits.latency = .init(seconds: 2.5, share: 0.95)
        limits.firstToken = 5
        let rules = try BuiltInRules.rules(limits)
        #expect(rules.count == 31)
        #expect(Set(rules.map(\.name)).count == rules.count)
        _ = try AlertEngine(rules: rules)
        (limits.availability, limits.latency, limits.firstToken) = (nil, nil, nil)
        (limits.queueWait, limits.backupLag, limits.patrolInterval) = (nil, nil, nil)
        #expect(try BuiltInRules.rules(limits).count == 20)
    }

    @Test func thePageHasThemAll() throws {
        let page = try String(contentsOf: SharedData.repository.appending(path: "docs/alerts.md"), encoding: .utf8)
        var limits = AlertLimits()
        limits.latency = .init(seconds: 2.5, share: 0.95)
        limits.firstToken = 5
        for rule in try BuiltInRules.rules(limits) { #expect(page.contains("`\(rule.name)`"), "\(rule.name)") }
    }

    @Test func anOperatorChangesRules() throws {
        var disk = AlertRuleSettings()
        disk.thresholds = [.critical: 0.99]
        disk.holds = 10
        var off = AlertRuleSettings()
        off.isOn = false
        let rules = try BuiltInRules.rules(settings: ["HadalDisk": disk, "HadalErrors": off])
        let changed = try #require(rules.first { $0.name == "HadalDisk" })
        #expect(changed.thresholds == .above([.critical: 0.99]) && changed.holds == 10)
        #expect(!rules.contains { $0.name == "HadalErrors" })
    }

    @Test func whatMakesNoSenseIsRefused() {
        func problem(_ name: String, _ change: (inout AlertRuleSettings) -> Void) -> String {
            var settings = AlertRuleSettings()
            change(&settings)
            do {
                _ = try BuiltInRules.rules(settings: [name: settings])
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            problem("HadalDisc") { _ in }.hasPrefix("there is no alert rule HadalDisc; there are HadalWorkerDown, "))
        #expect(problem("HadalDisk") { $0.thresholds = [:] }.contains("HadalDisk: needs a threshold"))
        #expect(problem("HadalDisk") { $0.thresholds = [.warning: 0.9, .critical: 0.8] }.contains("must be greater"))
        #expect(
            problem("HadalCertificateEnds") { $0.thresholds = [.warning: 1, .critical: 2] }.contains("must be less"))
        #expect(problem("HadalDisk") { $0.holds = -1 }.contains("between 0 seconds and 7 days"))
        #expect(problem("HadalDisk") { $0.action = HealingAction(.shed, perHourMax: 0) }.contains("once an hour"))
        var limits = AlertLimits()
        limits.availability = 99.9
        #expect(throws: AlertError.self) { try BuiltInRules.rules(limits) }
        let long = AlertRule(
            "Long", .rate(Selector("x"), over: 7 * 3600), .above([.warning: 1]), summary: "", advice: "")
        #expect(throws: AlertError.self) { try long.check() }
        #expect(throws: AlertError.self) { try AlertEngine(rules: [.ofGauge(), .ofGauge()]) }
    }

    @Test(arguments: [
        (
            AlertTemplate("{model} has {value}."), "a has 12.3 %.",
            "{{ $labels.model }} has {{ $value | humanizePercentage }}."
        ),
        ("{none}{ {{model}} {}", "{ {a} {}", #"{{ $labels.none }}{ {{{ $labels.model }}} {}"#),
    ])
    func templates(_ template: AlertTemplate, _ filled: String, _ prometheus: String) {
        #expect(template.filled(["model": "a"], value: 0.1234, .share) == filled)
        #expect(template.prometheus(.share) == prometheus)
    }

    @Test func namesCannotBreakLines() {
        #expect(AlertTemplate("{model}.").filled(["model": "a\r\nBcc: b"], value: 0, .number) == "a  Bcc: b.")
    }

    @Test(arguments: [
        (AlertUnit.seconds, 2.5, "2.5 seconds"), (.seconds, 7200, "2 hours"), (.seconds, 1_209_600, "14 days"),
        (.number, 1234.5, "1234"), (.bytes, 3_221_225_472, "3 GB"), (.share, 1, "100 %"),
        (.share, .infinity, "+Inf"),
    ])
    func units(_ unit: AlertUnit, _ value: Double, _ text: String) { #expect(unit.text(value) == text) }

    @Test func anActionIsDueOnceInAWhile() {
        let action = HealingAction(.restart, coolDown: 300, perHourMax: 2)
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(action.isDue(after: [], now: now))
        #expect(!action.isDue(after: [now - 299], now: now))
        #expect(action.isDue(after: [now - 300], now: now))
        #expect(!action.isDue(after: [now - 3000, now - 300], now: now))
        #expect(action.isDue(after: [now - 3600, now - 300], now: now))
    }
}
