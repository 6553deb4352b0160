/// Questions that wait for somebody to allow them.
extension AccessAdministration {
    /// Newest first, without their texts. Needs `audit.view`; who is of a tenant sees their tenant's.
    /// - Parameters:
    ///   - tenant: nil: of all that the requester may see.
    ///   - before: goes on after the last entry of an earlier call, by its number.
    ///   - limit: at most `ReviewStore.pageMax`.
    public func reviews(
        in store: ReviewStore, tenant: String? = nil, waitingOnly: Bool = false, before: Int64? = nil,
        limit: Int = 100, by requester: Requester
    ) throws(AccessProblem) -> [ReviewEntry] {
        let directory = try look(requester, .viewAudit, "review.list")
        let seen = try visibleTenant(tenant, directory, requester)
        do {
            return try store.entries(tenant: seen, waitingOnly: waitingOnly, before: before, limit: limit)
        } catch {
            throw .store(error)
        }
    }

    /// Decides on a question, recorded before the decision counts. Needs `conversations.read`, which is critical: nobody can
    /// judge what they may not read.
    /// - Parameter id: the question's.
    public func review(
        _ id: String, isAllowed: Bool, in store: ReviewStore, by requester: Requester
    ) throws(AccessProblem) -> ReviewEntry {
        let wish = Act(action: isAllowed ? "review.allow" : "review.refuse", target: id.brief)
        let act = try perform(requester, .readConversations, wish) { _ throws(AccessProblem) in
            Plan(act: try reviewAct(wish, id, store, requester))
        } change: { _, _ in
            try reviewAct(wish, id, store, requester)
        }
        do throws(AccessProblem) {
            return try decide(id, isAllowed, store, requester)
        } catch {
            record(error, requester, act)
            throw error
        }
    }

    /// - Throws: `notFound` also for questions of tenants whom the requester must not know of.
    private func reviewAct(
        _ wish: Act, _ id: String, _ store: ReviewStore, _ requester: Requester
    ) throws(AccessProblem) -> Act {
        let entry: ReviewEntry?
        do { entry = try store.entry(id) } catch { throw .store(error) }
        guard let question = entry?.question, requester.principal.sees(tenant: question.tenant) else {
            throw .notFound("question '\(id.brief)' to review")
        }
        var act = wish
        act.tenant = question.tenant
        act.details = ["user": question.user, "model": question.model]
        return act
    }

    private func decide(
        _ id: String, _ isAllowed: Bool, _ store: ReviewStore, _ requester: Requester
    ) throws(AccessProblem) -> ReviewEntry {
        let entry: ReviewEntry?
        do {
            entry = try store.decide(id, isAllowed: isAllowed, by: requester.principal, now: requester.now)
        } catch {
            throw .store(error)
        }
        guard let entry else { throw .notFound("question '\(id.brief)' to review any more") }
        return entry
    }
}
