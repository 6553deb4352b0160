import Foundation
import Logging
import Synchronization

@testable import HadalAlerts

extension AlertEvent {
    static func sample(
        _ kind: Kind = .firing, _ level: AlertLevel? = .critical, previous: AlertLevel? = nil,
        model: String = "deepseek",
        rule: String = "HadalWorkerDown", action: HealingAction.Kind? = nil, summary: String? = nil
    ) -> AlertEvent {
        let labels: Labels = ["model": model]
        return AlertEvent(
            kind: kind, time: Date(timeIntervalSince1970: 1_800_000_000), id: id(rule, labels), rule: rule,
            labels: labels,
            level: level, previousLevel: previous, value: 0, valueText: "0",
            since: Date(timeIntervalSince1970: 1_799_999_880),
            summary: summary ?? "The model \(model) cannot be asked.",
            advice: "Look at the log.", action: action, silence: nil)
    }
}

extension AlertMessage {
    static func sample(_ events: [AlertEvent] = [.sample()]) -> AlertMessage {
        AlertMessage(events, source: "gpu1", time: Date(timeIntervalSince1970: 1_800_000_000), id: "m1")!
    }
}

/// A clock that does not wait, and tells how long it should have.
final class Waits: Sendable {
    private let held = Mutex<[Duration]>([])

    var all: [Duration] { held.withLock { $0 } }

    var clock: AlertClock {
        AlertClock(
            now: { Date(timeIntervalSince1970: 1_800_000_000) },
            sleep: { duration in
                try Task.checkCancellation()
                self.held.withLock { $0.append(duration) }
            })
    }
}

let quiet = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
