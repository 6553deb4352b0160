import Foundation
import Synchronization

/// Carries out what is due, one after the other; what is done once and may take long, beside the others.
struct AlertActs: Sendable {
    enum Order: Sendable {
        case act(AlertEvent)
        case end(AlertEvent)
        /// What lasts is to be so.
        case keep
    }

    let healer: any Healer
    /// What lasts now.
    let measures: @Sendable () -> [AlertEvent]
    /// What came of it.
    let done: @Sendable (AlertEvent, HealingOutcome) -> Void

    /// Until the orders end, or it is cancelled.
    func run(_ orders: AsyncStream<Order>) async {
        await withDiscardingTaskGroup { group in
            for await order in orders {
                switch order {
                case .keep: healer.keep(measures())
                case .end(let event): done(event, HealingOutcome(.ended, await healer.end(event)))
                case .act(let event) where event.action?.lasts == true: await act(event)
                case .act(let event): group.addTask { await act(event) }
                }
            }
            group.cancelAll()
        }
    }

    private func act(_ event: AlertEvent) async {
        let (healer, limit) = (healer, event.action?.limit ?? .zero)
        let outcome: HealingOutcome
        do {
            outcome = HealingOutcome(.done, try await within(limit) { try await healer.act(event) })
        } catch let skipped as HealingSkipped {
            outcome = HealingOutcome(.skipped, skipped.description)
        } catch {
            outcome = HealingOutcome(.failed, "\(error)")
        }
        done(event, outcome)
    }
}

extension AlertService {
    /// nil: nothing is done by itself.
    var acts: AlertActs? {
        healer.map { healer in
            AlertActs(
                healer: healer,
                // Once given away, the server after this one has it in force.
                measures: {
                    self.held.withLock { $0.isGivenAway ? [] : $0.engine.measures(inForceAt: Date()) }
                },
                done: { event, outcome in
                    let now = Date()
                    let told = self.held.withLock { state in
                        state.isGivenAway ? nil : state.engine.note(outcome, of: event, now: now)
                    }
                    guard let told else { return }
                    self.keep()
                    self.tell([told], now: now)
                })
        }
    }
}
