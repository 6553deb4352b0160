import Foundation
import HadalJSON
import HadalState

/// An event as the columns of its row. Time, tenant, action and outcome are always in plain, as searches need them; of
/// a sealed row all else is in `sealed`, and those columns are empty.
struct AuditRow {
    private let id: Int64
    private let event: AuditEvent

    init(id: Int64, _ event: AuditEvent) {
        self.id = id
        self.event = event
    }

    /// Binds a sealed row to its number and to what stands in plain.
    private static func context(_ id: Int64, _ event: AuditEvent) -> String {
        let time = event.time.timeIntervalSince1970.bitPattern
        return "audit/\(id)/\(time)/\(event.tenant)/\(event.action)/\(event.outcome.rawValue)"
    }

    /// In the order of `columns`.
    func arguments(_ seal: AuditSeal?) throws -> StateArguments {
        var shown = event
        var sealed: Data?
        if let seal = seal?.seal {
            sealed = Data(try seal(Array(hidden.text.utf8), Self.context(id, event)))
            (shown.actor, shown.actorName, shown.target, shown.details) = ("", "", "", [:])
            (shown.address, shown.requestID) = (nil, nil)
        }
        return [
            id, shown.time.timeIntervalSince1970, shown.actor, shown.actorName, shown.tenant, shown.action,
            shown.target, shown.outcome.rawValue, Self.json(shown.details).text, shown.address, shown.requestID,
            sealed,
        ]
    }

    static let columns =
        "id, time, actor, actor_name, tenant, action, target, outcome, details, address, request_id, sealed"

    private static func json(_ details: [String: String]) -> JSON {
        .object(JSON.Object(details.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    private var hidden: JSON {
        .compact([
            ("actor", .string(event.actor)), ("actorName", .string(event.actorName)), ("target", .string(event.target)),
            ("details", Self.json(event.details)), ("address", event.address.map(JSON.string)),
            ("requestID", event.requestID.map(JSON.string)),
        ])
    }

    /// - Parameter path: the database, for the error.
    static func event(_ row: StateRow, _ seal: AuditSeal?, path: String) throws -> RecordedEvent {
        let id = try row.integer("id")
        var event = try AuditEvent(row)
        guard let sealed = try row.optionalBlob("sealed") else {
            return RecordedEvent(number: id, event: event)
        }
        guard let seal else { throw AccessStoreError.sealed(path: path) }
        let hidden: JSON
        do { hidden = try JSON(parsing: try seal.open(Array(sealed), context(id, event))) } catch {
            throw AccessStoreError.failed(path: path, problem: "event \(id) does not open: \(error)")
        }
        event.actor = hidden["actor"]?.string ?? ""
        event.actorName = hidden["actorName"]?.string ?? ""
        event.target = hidden["target"]?.string ?? ""
        event.details = (hidden["details"]?.object?.members ?? []).reduce(into: [:]) { $0[$1.key] = $1.value.string }
        event.address = hidden["address"]?.string
        event.requestID = hidden["requestID"]?.string
        return RecordedEvent(number: id, event: event)
    }
}
