// Waiting for requests to end.
extension LimiterState {
    /// Tries again, and lets the request wait where it must. Its charge is taken from when it comes.
    /// - Returns: who waits no longer: the request itself, or one that it has displaced.
    mutating func enter(
        _ request: LimitedRequest, id: Int, _ continuation: CheckedContinuation<Attempt, Never>, _ moment: Moment
    ) -> [Resumption] {
        let ticket: Ticket
        let refusal: LimitRefusal
        switch prepare(request, moment) {
        case .fits(let ticket):
            reserve(ticket)
            return [Resumption(continuation: continuation, attempt: admit(ticket))]
        case .refused(let refusal): return [Resumption(continuation: continuation, attempt: .refused(refusal))]
        case .mustLoad(let scopes): return [Resumption(continuation: continuation, attempt: .mustLoad(scopes))]
        case .lacksRoom(let waiting, let otherwise): (ticket, refusal) = (waiting, otherwise)
        }
        let tenant = ticket.request.tenant
        let weight = settings.weight(of: tenant)
        var resumptions: [Resumption] = []
        if queue.count >= queue.limit, let displaced = queue.displaced(by: tenant, ticket.user, weight: weight) {
            resumptions = leave(displaced.id, .queueFull, moment)
        }
        let waiter = Waiter(ticket: ticket, continuation: continuation)
        let place = FairQueue<Waiter>.Place(id: id, tenant: tenant, user: ticket.user)
        guard queue.append(waiter, place, weight: weight) else {
            var refusal = refusal
            refusal.reason = .queueFull
            return [Resumption(continuation: continuation, attempt: .refused(refusal))]
        }
        reserve(ticket)
        for slot in ticket.slots { counters[slot].enterQueue() }
        return resumptions
    }

    /// Refuses one who waits, as if the request had never come. Nothing where it waits no longer.
    mutating func leave(_ id: Int, _ reason: LimitRefusal.Reason, _ moment: Moment) -> [Resumption] {
        guard let waiter = queue.remove(id) else { return [] }
        let ticket = waiter.ticket
        for slot in ticket.slots {
            counters[slot].advance(moment)
            counters[slot].cancel(ticket.charge, after: moment.now - ticket.reservedAt)
            counters[slot].leaveQueue()
        }
        return [Resumption(continuation: waiter.continuation, attempt: .refused(refusal(reason, ticket, moment)))]
    }

    /// Lets in all who fit now, in their turn.
    mutating func serveQueue(_ moment: Moment) -> [Resumption] {
        var resumptions: [Resumption] = []
        while queue.count > 0, let place = queue.next(where: { hasRoom($0.ticket.slots) }),
            let waiter = queue.serve(place)
        {
            var ticket = waiter.ticket
            ticket.begunAt = moment.now
            for slot in ticket.slots {
                counters[slot].leaveQueue()
                counters[slot].advance(moment)
            }
            resumptions.append(Resumption(continuation: waiter.continuation, attempt: admit(ticket)))
        }
        return resumptions
    }

    /// The limits have changed, and some who wait may fit now.
    mutating func use(_ settings: LimitSettings, _ moment: Moment) -> [Resumption] {
        self.settings = settings
        counters.use(settings)
        counters.limit = settings.configuration.countersLimit
        queue.limit = settings.configuration.queueLimit
        return serveQueue(moment)
    }
}
