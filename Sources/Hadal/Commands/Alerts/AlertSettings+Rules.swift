import Foundation
import HadalAlerts
import HadalConfiguration
import HadalGateway

extension AlertSettings {
    /// The built-in rules as the configuration wants them, and the organisation's own.
    /// - Throws: `AlertError` that names the rule and what is wrong with it.
    func allRules() throws(AlertError) -> [AlertRule] {
        var settings: [String: AlertRuleSettings] = [:]
        for rule in rules { settings[rule.name] = rule.settings }
        return try BuiltInRules.rules(try limits(), settings: settings, own: own.map(\.rule))
    }

    private func limits() throws(AlertError) -> AlertLimits {
        var limits = AlertLimits()
        limits.availability = availability
        if let latency, !firstTokenBounds.contains(where: { abs($0 - seconds(latency)) < 1e-9 }) {
            throw .rule(
                "alerts.latency",
                problem:
                    "the metrics tell no such time apart; choose 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten"
            )
        }
        limits.latency = latency.map { .init(seconds: seconds($0), share: latencyShare) }
        limits.firstToken = firstToken.map(seconds)
        limits.queueWait = queueWait.map(seconds)
        limits.backupLag = backupLag.map(seconds)
        return limits
    }
}

private func seconds(_ duration: Duration) -> TimeInterval { duration / .seconds(1) }

extension AlertRuleOverride {
    fileprivate var settings: AlertRuleSettings {
        var settings = AlertRuleSettings()
        settings.isOn = enabled
        settings.holds = holds.map(seconds)
        var levels = AlertLevelSettings()
        (levels.warning, levels.serious, levels.critical) = (warning, serious, critical)
        if !levels.isEmpty { settings.thresholds = levels.values }
        settings.action = action.action
        return settings
    }
}

extension AlertLevelSettings {
    fileprivate var values: [AlertLevel: Double] {
        let levels: [(AlertLevel, Double?)] = [(.warning, warning), (.serious, serious), (.critical, critical)]
        return Dictionary(uniqueKeysWithValues: levels.compactMap { level, value in value.map { (level, $0) } })
    }
}

extension AlertActionSettings {
    fileprivate var action: HealingAction? {
        kind.map {
            HealingAction(
                HealingAction.Kind(rawValue: $0.rawValue)!, from: AlertLevel(rawValue: from.rawValue)!,
                coolDown: seconds(coolDown), perHourMax: perHour)
        }
    }
}

extension OwnAlertRule {
    fileprivate var rule: OwnRule {
        var rule = OwnRule(name, query, below.isEmpty ? .above(above.values) : .below(below.values))
        rule.holds = seconds(holds)
        rule.unit =
            switch unit {
            case .number: .number
            case .share: .share
            case .seconds: .seconds
            case .bytes: .bytes
            }
        (rule.summary, rule.advice, rule.action) = (summary, advice ?? "", action.action)
        return rule
    }
}
