import ArgumentParser
import Foundation
import HadalAudit

extension AuditRecord.Kind: ExpressibleByArgument {}

/// Which records of the trail are wanted, beside those of a time and a tenant.
struct TrailFilter: ParsableArguments {
    @Option(help: ArgumentHelp("Only this user's: an id such as user:3f….", valueName: "user")) var user: String?
    @Option(help: "Only what this model was asked.") var model: String?
    @Option(help: "Only with this outcome: ok, blocked, review, failed, cancelled, refused.") var outcome: String?
    @Option(help: "Only this action: of requests the path, of acts such as key.create.") var action: String?
    @Option(help: ArgumentHelp("Only of the request with this id.", valueName: "request-id")) var request: String?
    @Option(help: "Only with this text in action, target, details, address or request id.") var text: String?
    @Option(help: "Only of this kind. May be given more than once.") var kind: [AuditRecord.Kind] = []

    var isEmpty: Bool {
        [user, model, outcome, action, request, text].allSatisfy { $0 == nil } && kind.isEmpty
    }

    func query(_ time: Audit.Filter) -> AuditQuery {
        var query = AuditQuery()
        query.from = time.begin?.nanoseconds
        query.to = time.end?.nanoseconds
        query.tenant = time.tenant
        query.user = user
        query.model = model
        query.outcome = outcome
        query.action = action
        query.requestID = request
        query.text = text
        query.kinds = Set(kind)
        return query
    }

    /// What is recorded of a search whose results leave the machine.
    func details(_ time: Audit.Filter) -> [String: String] {
        let all = [
            "from": time.from, "to": time.to, "tenant": time.tenant, "user": user, "model": model, "outcome": outcome,
            "action": action, "request": request, "text": text,
            "kind": kind.isEmpty ? nil : kind.map(\.rawValue).joined(separator: ","),
        ]
        return all.compactMapValues(\.self)
    }
}

extension Date {
    /// Since 1970; what is out of range is as far away as can be said.
    fileprivate var nanoseconds: Int64 {
        Int64(exactly: (timeIntervalSince1970 * 1e9).rounded()) ?? (timeIntervalSince1970 < 0 ? .min : .max)
    }
}
