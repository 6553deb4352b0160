import Foundation
import HadalAccess
import HadalAudit
import HadalJSON

extension AuditRecord {
    /// An act or log-in as `DATA/audit.db` has it.
    init(_ recorded: RecordedEvent) {
        let event = recorded.event
        let outcome = event.outcome == .done ? "ok" : event.outcome.rawValue
        self.init(
            event.action.hasPrefix("session.") ? .logIn : .act, outcome: outcome, time: Self.time(of: recorded))
        requestID = event.requestID
        tenant = event.tenant
        user = event.actor
        address = event.address
        action = event.action
        target = event.target.isEmpty ? nil : event.target
        var details = JSON.Object(event.details.map { ($0.key, .string($0.value)) })
        details["actor_name"] = .string(event.actorName)
        details["row"] = .int(recorded.number)
        self.details = .object(details)
    }

    /// Nanoseconds since 1970; always the same for a row.
    static func time(of recorded: RecordedEvent) -> Int64 {
        Int64(exactly: (recorded.event.time.timeIntervalSince1970 * 1e9).rounded()) ?? 0
    }

    /// The row of `DATA/audit.db` that it was copied from; nil: it was not.
    var row: Int64? { details?["row"]?.int.map(Int64.init) }
}
