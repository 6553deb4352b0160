// What requests have really used, and what the file knows of it.
extension LimiterState {
    /// A request has ended.
    /// - Parameter usage: nil: nobody knows; then the prompt counts as it was estimated.
    /// - Returns: those who waited for it.
    mutating func end(_ ticket: Ticket, _ usage: TokenUsage?, _ moment: Moment) -> [Resumption] {
        let usage = usage ?? TokenUsage(prompt: ticket.request.promptTokens, answer: 0)
        let used = Charge(usage, ticket.price)
        let time = max(0, moment.now - ticket.begunAt)
        running -= 1
        meanTime = meanTime.map { $0 + (time - $0) / 10 } ?? time
        for slot in ticket.slots {
            counters[slot].advance(moment)
            counters[slot].settle(ticket.charge, used: used, after: moment.now - ticket.reservedAt, moment)
            counters[slot].end(after: time)
        }
        let request = ticket.request
        let key = UsageKey(
            day: moment.today, tenant: request.tenant, user: request.user ?? "", key: request.key ?? "",
            model: request.model)
        let counts = UsageCounts(
            requests: 1, promptTokens: usage.prompt, cachedTokens: usage.cached, answerTokens: usage.answer,
            cost: used.cost)
        pending.add(key, counts)
        return serveQueue(moment)
    }

    /// The totals that must be read before requests of these scopes can be judged.
    func missingTotals(of scopes: [LimitScope]) -> [QuotaKey] {
        scopes.compactMap { counters.slot(of: $0) }.filter { counters[$0].needsLoading }.flatMap {
            counters[$0].quotaKeys
        }
    }

    mutating func load(_ written: [QuotaKey: QuotaTotal]) {
        for scope in Set(written.keys.map(\.scope)) {
            guard let slot = counters.slot(of: scope) else { continue }
            counters[slot].load(written, unwritten: pending.total)
        }
    }

    mutating func takePending() -> UsageBatch {
        defer { pending = UsageBatch() }
        return pending
    }
}
