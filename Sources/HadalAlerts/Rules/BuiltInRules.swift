/// The rules that come with Hadal, over the metrics of docs/metrics.md. A rule whose metrics are not there never fires.
public enum BuiltInRules {
    /// - Parameter settings: by the rule's name.
    /// - Throws: `AlertError` where a limit or a setting makes no sense, or a rule that is set does not exist.
    public static func rules(
        _ limits: AlertLimits = AlertLimits(), settings: [String: AlertRuleSettings] = [:]
    ) throws(AlertError) -> [AlertRule] {
        try limits.check()
        let all = workers + requests(limits) + objectives(limits) + contents + server(limits)
        let names = all.map(\.name)
        if let unknown = settings.keys.sorted().first(where: { !names.contains($0) }) {
            throw .noSuchRule(unknown, known: names)
        }
        var rules: [AlertRule] = []
        for rule in all {
            let own = settings[rule.name] ?? AlertRuleSettings()
            guard own.isOn else { continue }
            rules.append(rule.with(own))
            try rules.last!.check()
        }
        return rules
    }
}
