import Foundation

/// What lasts until an alert is over, and what came of actions.
extension AlertEngine {
    /// The events by which it began.
    public var measures: [AlertEvent] { state.measures }

    /// The same; none while nobody knows whether their alerts are over.
    func measures(inForceAt now: Date) -> [AlertEvent] {
        state.evaluated.map { abs(now.timeIntervalSince($0)) <= Self.pauseMax } == true ? measures : []
    }

    /// Whether the alert has what its rule's action brings already.
    func hasMeasure(_ alert: Alert, _ kind: HealingAction.Kind) -> Bool {
        measures.contains { $0.rule == alert.rule && $0.labels == alert.labels && $0.action == kind }
    }

    /// Those that nobody wants any more: the alert is over or below the action's level, it is silenced, or the rule or its
    /// action is not there any more. From here on they are none; they are to be taken back.
    public mutating func endMeasures(now: Date) -> [AlertEvent] {
        let over = measures.filter { !isWanted($0, now: now) }
        state.measures.removeAll(where: over.contains)
        return over
    }

    private func isWanted(_ measure: AlertEvent, now: Date) -> Bool {
        guard let action = rules.first(where: { $0.name == measure.rule })?.action, action.kind == measure.action,
            let alert = state.alerts.first(where: { $0.rule == measure.rule && $0.labels == measure.labels })
        else { return false }
        return alert.level.map { $0 >= action.from } == true && silence(of: alert, now: now) == nil
    }

    /// - Parameter event: the one with which the action was due.
    /// - Returns: what people are to be told of what came of it.
    public mutating func note(_ outcome: HealingOutcome, of event: AlertEvent, now: Date) -> AlertEvent {
        if event.action?.lasts == true, outcome.result == .done, !measures.contains(event) {
            state.measures.append(event)
        }
        let told = event.acted(outcome, now: now)
        state.recent = (state.recent + [told]).suffix(AlertState.recentMax)
        return told
    }
}

extension AlertEvent {
    /// What came of its action. Where that is over, so is the event, for those who were told of its level.
    fileprivate func acted(_ outcome: HealingOutcome, now: Date) -> AlertEvent {
        AlertEvent(
            kind: .acted, time: now, id: id, rule: rule, labels: labels, level: outcome.result == .ended ? nil : level,
            previousLevel: level, value: value, valueText: valueText, since: since, summary: summary, advice: "",
            action: action, silence: nil, outcome: outcome)
    }
}
