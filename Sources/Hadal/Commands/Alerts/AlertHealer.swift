import HadalAlerts
import HadalGateway

/// Has the server do what its alerts want done.
struct AlertHealer: Healer {
    let healing: ServerHealing

    func act(_ event: AlertEvent) async throws -> String {
        guard let order = HealingOrder(event) else { throw HealingSkipped("there is no such action") }
        do { return try await healing.act(order) } catch let nothing as NothingToHeal {
            throw HealingSkipped(nothing.description)
        }
    }

    func end(_ event: AlertEvent) async -> String { HealingOrder(event).map(healing.end) ?? "" }

    func keep(_ events: [AlertEvent]) { healing.keep(events.compactMap { HealingOrder($0) }) }
}

extension HealingOrder {
    /// nil: the event has no action.
    fileprivate init?(_ event: AlertEvent) {
        guard let act = event.action.flatMap({ Act(rawValue: $0.rawValue) }) else { return nil }
        self.init(
            act, model: event.labels["model"], rule: event.rule, level: event.level?.rawValue ?? "",
            value: event.valueText)
    }
}
