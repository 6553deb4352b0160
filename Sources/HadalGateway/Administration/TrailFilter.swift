import Foundation
import HadalAudit
import HadalWire

/// Which records of the audit trail a request is about.
enum TrailFilter {
    /// Members of the query. `tenant` is for who asks to be allowed.
    static let names = ["from", "to", "kind", "user", "model", "outcome", "action", "request", "text", "tenant"]

    static func query(_ call: AdministrationCall) throws(WireError) -> AuditQuery {
        var query = AuditQuery()
        query.from = try call.time("from").map(nanoseconds)
        query.to = try call.time("to").map(nanoseconds)
        for word in (call.text("kind") ?? "").split(separator: ",") {
            guard let kind = AuditRecord.Kind(rawValue: String(word)) else {
                let all = AuditRecord.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw .outOfRange(field: "kind", expected: "some of \(all), divided by commas")
            }
            query.kinds.insert(kind)
        }
        query.user = call.text("user")
        query.model = call.text("model")
        query.outcome = call.text("outcome")
        query.action = call.text("action")
        query.requestID = call.text("request")
        query.text = call.text("text")
        return query
    }

    private static func nanoseconds(_ date: Date) -> Int64 {
        Int64(exactly: (date.timeIntervalSince1970 * 1e9).rounded()) ?? (date > Date() ? .max : .min)
    }
}
