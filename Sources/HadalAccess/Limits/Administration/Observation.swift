import Foundation

/// What can be looked at of what was done and used.
extension AccessAdministration {
    /// Events of the audit, newest first. Needs `audit.view`; who is of a tenant sees their tenant's.
    /// - Parameters:
    ///   - log: where acts are recorded.
    ///   - tenant: nil: of all that the requester may see.
    ///   - before: goes on after the last event of an earlier call, by its number.
    ///   - limit: at most `AuditLog.pageMax`.
    public func events(
        in log: AuditLog, tenant: String? = nil, from: Date = .distantPast, to: Date = .distantFuture,
        before: Int64? = nil, limit: Int = 100, by requester: Requester
    ) throws(AccessProblem) -> [RecordedEvent] {
        let directory = try look(requester, .viewAudit, "audit.list")
        let seen = try visibleTenant(tenant, directory, requester)
        do { return try log.events(tenant: seen, from: from, to: to, before: before, limit: limit) } catch {
            throw .store(error)
        }
    }

    /// A query as the requester may ask it: who has `operations.view` sees the usage of all, others with `access.view`
    /// their tenant's.
    public func permitted(_ query: UsageQuery, by requester: Requester) throws(AccessProblem) -> UsageQuery {
        let seesAll = requester.principal.permissions.contains(.viewOperations)
        let directory = try look(requester, seesAll ? .viewOperations : .viewAccess, "usage.view")
        var query = query
        if !seesAll || !requester.principal.isOfInstallation {
            let tenant = query.only[.tenant] ?? requester.principal.tenant
            query.only[.tenant] = try directory.tenant(tenant, for: requester.principal).name
        }
        return query
    }

    /// Whether the requester may, recorded where not: for what is shown that is not kept here.
    public func checkMayLook(_ permission: Permission, at action: String, by requester: Requester) throws(AccessProblem)
    {
        _ = try look(requester, permission, action)
    }

    /// Does an act whose outcome is kept elsewhere, recorded before it is done; where it fails, that is recorded as
    /// well.
    public func recorded<Value>(
        _ action: String, target: String = "", _ permission: Permission, by requester: Requester,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let act = Act(action: action, target: target.brief)
        try perform(requester, permission, act) { _ throws(AccessProblem) in
            Plan(act: act)
        } change: { _, _ in
        }
        do { return try await body() } catch {
            try? audit.record(event(requester, act, .failed))
            throw error
        }
    }

    /// A code of the second factor (the requester's), which then counts in this session for a while; recorded, right or
    /// wrong.
    /// - Returns: until when.
    public func showSecondFactor(sessionToken: String, by requester: Requester) throws(AccessProblem) -> Date {
        let act = Act(action: "session.secondFactor", target: requester.principal.id)
        do throws(AccessError) {
            let until = try control.showSecondFactor(
                sessionToken: sessionToken, code: requester.code ?? "", now: requester.now)
            do { try audit.record(event(requester, act, .done)) } catch {
                throw AccessError.unavailable(detail: "the second factor cannot be recorded")
            }
            return until
        } catch {
            let problem = AccessProblem.refused(error)
            record(problem, requester, act)
            throw problem
        }
    }
}
