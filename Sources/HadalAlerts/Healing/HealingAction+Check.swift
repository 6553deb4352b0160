extension HealingAction.Kind {
    /// Whether it goes on until the alert is over, and is then taken back; else it is done once.
    public var lasts: Bool { self == .drain || self == .shed }

    /// Why it makes no sense for a rule; nil: it does.
    func problem(for rule: AlertRule) -> String? {
        let labels = rule.query.labels
        switch self {
        case .restart, .drain, .rollback:
            if let labels, !labels.contains("model") {
                return "\(rawValue) needs to know of which model, and the query yields no label model"
                    + (labels.isEmpty ? "" : " but \(labels.sorted().joined(separator: ", "))")
            }
        case .shed:
            if let labels, let other = labels.subtracting(["model"]).min() {
                return "shed is for the server or for a model, and the query yields values for each \(other); "
                    + "sum them by (model), or without labels"
            }
        }
        return feedback(rule)
    }

    /// An action whose own effect keeps the alert up would go on for ever.
    private func feedback(_ rule: AlertRule) -> String? {
        let selectors = rule.selectors
        if self == .restart, selectors.contains(where: { $0.metric == "hadal_worker_restarts_total" }) {
            return "restart would keep a rule firing that counts restarts"
        }
        let countsFailures = selectors.contains { selector in
            selector.metric == "hadal_http_requests_total" && selector.matchers.contains { $0.label == "status" }
        }
        if self == .shed, countsFailures {
            return "shed would keep a rule firing that counts requests by their status: what it refuses has status 503"
        }
        return nil
    }
}

extension HealingAction {
    /// Those before an hour are not remembered.
    public static let coolDownMax = 3600.0

    /// - Throws: `AlertError.rule` with the field.
    func check(for rule: AlertRule) throws(AlertError) {
        func refuse(_ field: String, _ problem: String) -> AlertError {
            .rule(AlertError.line(rule.name), problem: "action.\(field): \(problem)")
        }
        guard perHourMax >= 1 else { throw refuse("per_hour", "an action happens at least once an hour") }
        guard (0...Self.coolDownMax).contains(coolDown) else {
            throw refuse("cooldown", "is from 0 seconds to an hour")
        }
        guard rule.thresholds.values.keys.contains(where: { $0 >= from }) else {
            let levels = rule.thresholds.ordered.map(\.level.rawValue).joined(separator: ", ")
            throw refuse("from", "the rule never becomes \(from.rawValue); it has \(levels)")
        }
        if let problem = kind.problem(for: rule) { throw refuse("do", problem) }
    }
}
