import Foundation

/// Events of the audit on their way out, newest first, a page at a time: there may be more than fit in memory.
public struct AuditExport: Sendable {
    let log: AuditLog
    let tenant: String?
    let from: Date
    let to: Date
    private var last: Int64?

    fileprivate init(_ log: AuditLog, tenant: String?, from: Date, to: Date) {
        self.log = log
        self.tenant = tenant
        self.from = from
        self.to = to
    }

    /// - Returns: the next events; none at the end.
    public mutating func next() throws(AccessStoreError) -> [RecordedEvent] {
        let page = try log.events(tenant: tenant, from: from, to: to, before: last, limit: AuditLog.pageMax)
        last = page.last?.number ?? last
        return page
    }
}

extension AccessAdministration {
    /// All events that the requester may see, or some. Needs `audit.export`, which is critical, and is recorded before
    /// anything goes out. Who is of a tenant gets their tenant's.
    /// - Parameter tenant: nil: of all that the requester may see.
    public func exportEvents(
        in log: AuditLog, tenant: String? = nil, from: Date? = nil, to: Date? = nil, by requester: Requester
    ) throws(AccessProblem) -> AuditExport {
        var details: [String: String] = [:]
        details["tenant"] = tenant?.brief
        details["from"] = from?.ISO8601Format()
        details["to"] = to?.ISO8601Format()
        let act = Act(action: "audit.export", details: details)
        return try perform(requester, .exportAudit, act) { directory throws(AccessProblem) in
            _ = try visibleTenant(tenant, directory, requester)
            return Plan(act: act)
        } change: { _, directory in
            AuditExport(
                log, tenant: try visibleTenant(tenant, directory, requester), from: from ?? .distantPast,
                to: to ?? .distantFuture)
        }
    }

    /// The one tenant whose events are looked at; nil: all.
    func visibleTenant(
        _ name: String?, _ directory: Directory, _ requester: Requester
    ) throws(AccessProblem) -> String? {
        if let name { return try directory.tenant(name, for: requester.principal).name }
        return requester.principal.isOfInstallation ? nil : requester.principal.tenant
    }
}
