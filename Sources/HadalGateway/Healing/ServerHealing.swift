import Foundation
import HadalAccess
import HadalReleases
import Logging
import Synchronization

/// Does for alerts what administrators would do. Each act is recorded as one of the system, before it is done and with what
/// came of it, and counted.
public final class ServerHealing: Sendable {
    let workers: ServedWorkers
    let shedding: Shedding
    /// nil: there is no directory to keep them in.
    let releases: Releases?
    /// nil: nothing is recorded.
    private let audit: AuditLog?
    private let metrics: GatewayMetrics
    private let logger: Logger
    /// What lasts.
    private let inForce = Mutex<Set<HealingOrder>>([])

    init(
        workers: ServedWorkers, shedding: Shedding, releases: Releases?, audit: AuditLog?, metrics: GatewayMetrics,
        logger: Logger
    ) {
        (self.workers, self.shedding, self.releases) = (workers, shedding, releases)
        (self.audit, self.metrics, self.logger) = (audit, metrics, logger)
    }

    /// - Returns: what came of it, for people.
    /// - Throws: `NothingToHeal`; why it failed. What cannot be recorded is not done.
    public func act(_ order: HealingOrder) async throws -> String {
        do {
            try record(order, .done)
            let text = try await carryOut(order)
            note(order, "done", .done, text)
            return text
        } catch let nothing as NothingToHeal {
            note(order, "skipped", .refused, nothing.description)
            throw nothing
        } catch {
            note(order, "failed", .failed, Task.isCancelled ? "it took too long, or the server ended" : "\(error)")
            throw error
        }
    }

    private func carryOut(_ order: HealingOrder) async throws -> String {
        switch order.act {
        case .restart: return try await restart(order.model)
        case .rollback: return try await rollBack(order)
        case .drain:
            let text = try drain(order.model)
            change { $0.insert(order) }
            return text
        case .shed:
            let text = try shed(order.model)
            change { $0.insert(order) }
            return text
        }
    }

    /// Takes back what lasts, whether or not that can be recorded.
    /// - Returns: what that means, for people.
    public func end(_ order: HealingOrder) -> String {
        change { $0.remove(order) }
        let text =
            order.act == .drain ? "\(order.model) gets requests again" : "requests of low priority are answered again"
        metrics.count(order.act, outcome: "ended")
        do { try record(order, .done, ".end", text) } catch { failed(order, error) }
        return text
    }

    /// Exactly these last from here on: what is new among them begins without a record, as it was begun before.
    public func keep(_ orders: [HealingOrder]) { change { $0 = Set(orders) } }

    /// One at a time. Also what has come since, such as a version's worker, is set as it is to be.
    private func change(_ body: (inout Set<HealingOrder>) -> Void) {
        inForce.withLock { orders in
            body(&orders)
            apply(orders)
        }
    }

    // MARK: records

    private static let system = Principal(
        id: ReleasePerson.hadal.id, name: ReleasePerson.hadal.name, tenant: Principal.defaultTenant, method: .local,
        permissions: [])

    private func note(_ order: HealingOrder, _ outcome: String, _ recorded: AuditEvent.Outcome, _ text: String) {
        metrics.count(order.act, outcome: outcome)
        do { try record(order, recorded, ".result", text) } catch { failed(order, error) }
    }

    private func failed(_ order: HealingOrder, _ error: any Error) {
        logger.error(
            "what an alert had done cannot be recorded",
            metadata: ["act": "\(order.act.rawValue)", "model": "\(order.model)", "error": "\(error)"])
    }

    private func record(
        _ order: HealingOrder, _ outcome: AuditEvent.Outcome, _ step: String = "", _ text: String? = nil
    ) throws {
        var details = ["rule": order.rule, "level": order.level, "value": order.value]
        details["result"] = text
        try audit?.record(
            AuditEvent(
                by: Self.system, action: "alerts.\(order.act.rawValue)\(step)", target: order.model, outcome: outcome,
                details: details))
    }
}
