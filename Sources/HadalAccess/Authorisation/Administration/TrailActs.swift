/// What may be done with the audit trail, which is kept elsewhere: who may see whose records, and what of that is
/// recorded.
extension AccessAdministration {
    /// Whose records the requester may look at. Needs `audit.view`; who is of a tenant sees their tenant's.
    /// - Parameter tenant: nil: of all that the requester may see.
    /// - Returns: the one tenant; nil: all, and what is of none.
    public func visibleTrail(of tenant: String? = nil, by requester: Requester) throws(AccessProblem) -> String? {
        let directory = try look(requester, .viewAudit, "trail.search")
        return try visibleTenant(tenant, directory, requester)
    }

    /// Whether the requester may judge the trail as a whole, which all tenants share. Needs `audit.view` of the
    /// installation.
    public func checkMayJudgeTrail(by requester: Requester) throws(AccessProblem) {
        _ = try look(requester, .viewAudit, "trail.verify")
        guard requester.principal.isOfInstallation else {
            let problem = AccessProblem.refused(.notAllowed(.viewAudit))
            record(problem, requester, Act(action: "trail.verify"))
            throw problem
        }
    }

    /// Records that texts are read, before anybody sees them. Needs `conversations.read`, and for what masks hide
    /// `masks.read` too; both are critical.
    /// - Parameters:
    ///   - records: their numbers in the trail.
    ///   - tenant: whose they are; nil: the requester's.
    public func readTexts(
        ofRecords records: [UInt64], tenant: String?, withMasked: Bool, by requester: Requester
    ) throws(AccessProblem) {
        let numbers = records.map { "\($0)" }.joined(separator: ",")
        let act = Act(
            action: "audit.readText", target: "record:" + numbers.brief, tenant: tenant,
            details: withMasked ? ["masks": "shown"] : [:])
        // A code counts once, so the second factor is asked for at the stricter of the two.
        try perform(requester, withMasked ? .readMaskedText : .readConversations, act) { _ throws(AccessProblem) in
            guard requester.principal.permissions.contains(.readConversations) else {
                throw .refused(.notAllowed(.readConversations))
            }
            return Plan(act: act)
        } change: { _, _ in
        }
    }

    /// Records that records go out, before they do. Needs `audit.export`, which is critical.
    /// - Parameters:
    ///   - tenant: nil: of all that the requester may see.
    ///   - details: the format and what else was asked for.
    /// - Returns: the one tenant whose records go out; nil: all.
    public func exportTrail(
        of tenant: String? = nil, details: [String: String], by requester: Requester
    ) throws(AccessProblem) -> String? {
        var act = Act(action: "audit.export", details: details.mapValues(\.brief))
        act.details["tenant"] = tenant?.brief
        return try perform(requester, .exportAudit, act) { directory throws(AccessProblem) in
            _ = try visibleTenant(tenant, directory, requester)
            return Plan(act: act)
        } change: { _, directory in
            try visibleTenant(tenant, directory, requester)
        }
    }

    /// Records that a person's texts are made unreadable, before they are. Needs `users.manage`. The person may be gone
    /// already.
    /// - Parameters:
    ///   - tenant: nil: the requester's.
    ///   - user: the id, as records have it.
    /// - Returns: the person's tenant.
    public func eraseTexts(
        ofUser user: String, tenant: String?, by requester: Requester
    ) throws(AccessProblem) -> String {
        let tenant = tenant ?? requester.principal.tenant
        let act = Act(action: "trail.erase", target: user.brief)
        return try perform(requester, .manageUsers, act) { _ throws(AccessProblem) in
            // Also of a tenant that is gone.
            guard requester.principal.sees(tenant: tenant) else { throw .notFound("tenant '\(tenant.brief)'") }
            return Plan(act: Act(action: act.action, target: act.target, tenant: tenant))
        } change: { _, _ in
            tenant
        }
    }
}
