import Foundation

/// A rule that an operator has written.
public struct OwnRule: Sendable {
    public var name: String
    /// PromQL, as far as `Query(parsing:)` reads it.
    public var query: String
    public var thresholds: AlertThresholds
    /// Seconds.
    public var holds: TimeInterval = 0
    public var unit = AlertUnit.number
    /// nil: its name and value.
    public var summary: String?
    public var advice = ""
    public var action: HealingAction?

    public init(_ name: String, _ query: String, _ thresholds: AlertThresholds) {
        (self.name, self.query, self.thresholds) = (name, query, thresholds)
    }

    /// - Throws: `AlertError.rule` with the field that is wrong.
    public func rule() throws(AlertError) -> AlertRule {
        func refuse(_ field: String, _ problem: String) -> AlertError {
            .rule(AlertError.line(name), problem: "\(field): \(problem)")
        }
        let parsed: Query
        do throws(QueryProblem) { parsed = try Query(parsing: query) } catch { throw refuse("query", "\(error)") }
        guard !parsed.selectors.isEmpty else { throw refuse("query", "it looks at no metric") }
        for selector in parsed.selectors {
            guard let labels = MetricLabels.all[selector.metric] else {
                throw refuse(
                    "query", "there is no metric \(selector.metric); docs/metrics.md lists those that there are")
            }
            if let matcher = selector.matchers.first(where: { !labels.contains($0.label) }) {
                throw refuse(
                    "query",
                    "\(selector.metric) has no label \(matcher.label); it has "
                        + (labels.isEmpty ? "none" : labels.sorted().joined(separator: ", ")))
            }
        }
        let words = (AlertTemplate(summary ?? "\(name): {value}"), AlertTemplate(advice))
        for (field, template) in [("summary", words.0), ("advice", words.1)] {
            if let label = template.labels.subtracting(parsed.labels ?? []).min() {
                throw refuse(field, "it names {\(label)}, a label that the query does not yield")
            }
        }
        let rule = AlertRule(
            name, parsed, thresholds, holds: holds, unit: unit, summary: words.0, advice: words.1, action: action)
        try rule.check()
        return rule
    }
}

extension BuiltInRules {
    /// The built-in rules, and after them an operator's.
    /// - Throws: `AlertError` where a rule makes no sense, or has the name of another.
    public static func rules(
        _ limits: AlertLimits, settings: [String: AlertRuleSettings], own: [OwnRule]
    ) throws(AlertError) -> [AlertRule] {
        var rules = try rules(limits, settings: settings)
        // Also those that are switched off: their names are taken.
        var names = Set(try Self.rules(limits).map(\.name))
        for rule in own {
            guard names.insert(rule.name).inserted else {
                throw .rule(AlertError.line(rule.name), problem: "name: another rule has it; choose one of its own")
            }
            rules.append(try rule.rule())
        }
        return rules
    }
}
