import Foundation

/// Which alerts there are, and what people are to be told of them. Pure: the values and the time are arguments.
public struct AlertEngine: Sendable {
    /// Label sets of one rule; the worst ones where there are more.
    public static let alertsMax = 200
    /// After so many seconds without a look, what was pending begins anew, and what lasts is not in force.
    static let pauseMax: TimeInterval = 300

    public let rules: [AlertRule]
    /// Seconds after which people are told again of what still fires.
    public let repeatAfter: TimeInterval
    public internal(set) var state: AlertState

    /// - Parameter state: of the engine before, whose rules may have been others.
    /// - Throws: `AlertError.rule` where a rule makes no sense, or two have one name.
    public init(
        rules: [AlertRule], state: AlertState = AlertState(), repeatAfter: TimeInterval = 4 * 3600
    ) throws(AlertError) {
        for rule in rules {
            try rule.check()
            guard rules.count(where: { $0.name == rule.name }) == 1 else {
                throw .rule(rule.name, problem: "there are two of this name")
            }
        }
        (self.rules, self.state, self.repeatAfter) = (rules, state, repeatAfter)
    }

    /// What is to be kept of each scrape.
    public var selectors: SelectorSet { SelectorSet(rules.flatMap(\.selectors)) }

    // MARK: silences

    public mutating func add(_ silence: Silence) { state.silences.append(silence) }

    /// - Returns: whether there was one.
    public mutating func removeSilence(id: String) -> Bool {
        let count = state.silences.count
        state.silences.removeAll { $0.id == id }
        return state.silences.count < count
    }

    /// By which nobody is told of the alert.
    public func silence(of alert: Alert, now: Date) -> Silence? {
        state.silences.first { $0.covers(alert, now: now) }
    }

    // MARK: evaluation

    /// To be called after each scrape.
    /// - Returns: what changed or is to be told or done, silenced ones too.
    public mutating func evaluate(_ history: History, now: Date) -> [AlertEvent] {
        state.silences.removeAll { $0.until <= now }
        state.acts.removeAll { $0.time <= now - 3600 }
        let wasAway = state.evaluated.map { abs(now.timeIntervalSince($0)) > Self.pauseMax } ?? false
        var known = Dictionary(grouping: state.alerts, by: \.rule)
        var alerts: [Alert] = []
        var events: [AlertEvent] = []
        for rule in rules {
            for (before, reading) in Self.candidates(rule, known.removeValue(forKey: rule.name) ?? [], history) {
                var alert = before
                if wasAway { alert.resume() }
                if let event = look(at: &alert, rule, reading, history, now: now) { events.append(event) }
                if !alert.isIdle { alerts.append(alert) }
            }
        }
        for alert in known.values.joined() where alert.told != nil { events.append(.ruleIsGone(alert, now: now)) }
        state.alerts = alerts
        state.recent = (state.recent + events).suffix(AlertState.recentMax)
        state.evaluated = now
        return events
    }

    /// Those that were there, and label sets that pass a threshold now.
    private static func candidates(
        _ rule: AlertRule, _ known: [Alert], _ history: History
    ) -> [(alert: Alert, reading: AlertRule.Reading?)] {
        var readings = rule.readings(in: history)
        let old = known.map { ($0, readings.removeValue(forKey: $0.labels)) }
        let lowest = rule.thresholds.ordered[0].value
        let new = readings.filter { $1.passes(lowest, rule.thresholds) }.sorted { left, right in
            left.value.value == right.value.value
                ? left.key < right.key : rule.thresholds.isPassed(right.value.value, by: left.value.value)
        }
        return old
            + new.prefix(max(0, alertsMax - old.count)).map { labels, reading in
                (Alert(rule: rule.name, labels: labels, value: reading.value), reading)
            }
    }

    private mutating func look(
        at alert: inout Alert, _ rule: AlertRule, _ reading: AlertRule.Reading?, _ history: History, now: Date
    ) -> AlertEvent? {
        let (before, since) = (alert.level, alert.since)
        // Just after a start rates are not known yet, which is no recovery.
        if reading != nil || history.isSettled { alert.look(reading, rule, now: now) }
        let after = alert.level
        let silence = silence(of: alert, now: now)
        // Whoever was told that it began is told that it is over.
        let isMuted = silence != nil && !(after == nil && alert.told != nil)
        let known = isMuted ? before : alert.told
        let action = silence == nil ? dueAction(of: alert, rule, now: now) : nil
        guard let kind = kind(from: known, to: after, alert, action, isMuted: isMuted, now: now) else { return nil }
        if !isMuted, kind != .acting { (alert.told, alert.toldAt) = (after, now) }
        return AlertEvent(
            kind: kind, time: now, id: AlertEvent.id(rule.name, alert.labels), rule: rule.name, labels: alert.labels,
            level: after, previousLevel: known, value: alert.value, valueText: rule.unit.text(alert.value),
            since: since ?? alert.since ?? now,
            summary: rule.summary.filled(alert.labels, value: alert.value, rule.unit),
            advice: rule.advice.filled(alert.labels, value: alert.value, rule.unit), action: action,
            silence: isMuted ? silence?.id : nil)
    }

    private func kind(
        from known: AlertLevel?, to level: AlertLevel?, _ alert: Alert, _ action: HealingAction.Kind?, isMuted: Bool,
        now: Date
    ) -> AlertEvent.Kind? {
        switch (known, level) {
        case (nil, nil): return nil
        case (nil, _?): return .firing
        case (_?, nil): return .recovered
        case (let known?, let level?) where level > known: return .escalated
        case (let known?, let level?) where level < known: return .eased
        default:
            if !isMuted, let toldAt = alert.toldAt, now >= toldAt + repeatAfter { return .reminder }
            return action == nil ? nil : .acting
        }
    }

    private mutating func dueAction(of alert: Alert, _ rule: AlertRule, now: Date) -> HealingAction.Kind? {
        guard let action = rule.action, let level = alert.level, level >= action.from else { return nil }
        if hasMeasure(alert, action.kind) { return nil }
        let done = state.acts.filter { $0.rule == alert.rule && $0.labels == alert.labels }.map(\.time)
        guard action.isDue(after: done, now: now) else { return nil }
        state.acts.append(.init(rule: alert.rule, labels: alert.labels, time: now))
        return action.kind
    }
}

extension AlertEvent {
    fileprivate static func ruleIsGone(_ alert: Alert, now: Date) -> AlertEvent {
        AlertEvent(
            kind: .recovered, time: now, id: id(alert.rule, alert.labels), rule: alert.rule, labels: alert.labels,
            level: nil, previousLevel: alert.told, value: alert.value, valueText: AlertUnit.number.text(alert.value),
            since: alert.since ?? now, summary: "The rule \(alert.rule) is not there any more.", advice: "",
            action: nil,
            silence: nil)
    }
}
