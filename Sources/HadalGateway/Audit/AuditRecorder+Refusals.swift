import HadalAccess
import HadalAudit
import HadalJSON
import HadalWire

/// A request of somebody who is known, that came no further than its own limits, permissions and form.
struct RefusedRequest: Sendable {
    var principal: Principal
    var endpoint: String
    var address: String?
    var error: ErrorObject
}

extension AuditRecorder {
    /// Records that somebody was refused. Nothing depends on it: where it cannot be recorded, the trail logs why.
    func record(_ refused: RefusedRequest) async {
        var record = AuditRecord(.request, outcome: "refused")
        record.tenant = refused.principal.tenant
        record.user = refused.principal.userID ?? refused.principal.id
        record.key = refused.principal.keyID
        record.address = refused.address
        record.action = refused.endpoint
        record.details = .compact([
            ("code", refused.error.code.map(JSON.string)), ("status", .int(Int64(refused.error.status))),
        ])
        _ = try? await append(record, durable: false)
    }
}
