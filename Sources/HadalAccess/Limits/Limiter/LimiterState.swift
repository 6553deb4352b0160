/// All that a limiter counts. Whoever uses it holds the limiter's lock.
struct LimiterState: Sendable {
    var settings: LimitSettings
    var counters: CounterTable
    var queue: FairQueue<Waiter>
    var pending = UsageBatch()
    var running = 0
    /// As `LimitCounter.meanTime`, of all requests.
    var meanTime: Int?
    private var lastID = 0

    init(_ settings: LimitSettings) {
        self.settings = settings
        counters = CounterTable(limit: settings.configuration.countersLimit)
        queue = FairQueue(limit: settings.configuration.queueLimit)
    }

    mutating func newID() -> Int {
        lastID += 1
        return lastID
    }

    mutating func attempt(_ request: LimitedRequest, _ moment: Moment) -> Attempt {
        switch prepare(request, moment) {
        case .fits(let ticket):
            reserve(ticket)
            return admit(ticket)
        case .lacksRoom(_, let refusal):
            return settings.configuration.maximumWait > .zero && queue.limit > 0 ? .mustWait : .refused(refusal)
        case .refused(let refusal): return .refused(refusal)
        case .mustLoad(let scopes): return .mustLoad(scopes)
        }
    }

    enum Preparation {
        case fits(Ticket)
        /// It may wait; else it is refused so.
        case lacksRoom(Ticket, LimitRefusal)
        case refused(LimitRefusal)
        case mustLoad([LimitScope])
    }

    /// Looks at all limits and takes nothing.
    mutating func prepare(_ request: LimitedRequest, _ moment: Moment) -> Preparation {
        let slots: CounterSlots
        do {
            slots = try self.slots(for: request, moment)
        } catch {
            return .refused(LimitRefusal(reason: .crowded, retryAfter: .seconds(1), status: RateLimitStatus()))
        }
        var needsLoading = false
        for slot in slots {
            counters[slot].advance(moment)
            needsLoading = needsLoading || counters[slot].needsLoading
        }
        if needsLoading {
            return .mustLoad(slots.filter { counters[$0].needsLoading }.map { counters[$0].scope })
        }
        let price = settings.price(of: request.model)
        let usage = TokenUsage(
            prompt: request.promptTokens,
            answer: request.maximumAnswerTokens ?? settings.configuration.assumedAnswerTokens)
        let ticket = Ticket(
            request: request, slots: slots, price: price, charge: Charge(usage, price), reservedAt: moment.now,
            begunAt: moment.now)
        let fits = slots.allSatisfy { counters[$0].fits(ticket.charge) }
        let hasRoom = self.hasRoom(slots)
        if fits, hasRoom { return .fits(ticket) }
        let refusal = refusal(.exceeded, ticket, moment)
        // A limit of none at a time lets nobody through, however long they wait.
        return fits && refusal.reason != .tooLarge ? .lacksRoom(ticket, refusal) : .refused(refusal)
    }

    private mutating func slots(
        for request: LimitedRequest, _ moment: Moment
    ) throws(CounterTable.CrowdedError) -> CounterSlots {
        var slots = CounterSlots()
        func add(_ scope: LimitScope) throws(CounterTable.CrowdedError) {
            if let slot = try counters.slot(for: scope, settings, moment) { slots.append(slot) }
        }
        // Kinds that nothing limits are not even looked up.
        if settings.mayLimit(.server) { try add(.server) }
        if settings.mayLimit(.key), let key = request.key { try add(.key(key)) }
        if settings.mayLimit(.user), let user = request.user { try add(.user(user)) }
        if settings.mayLimit(.tenant) { try add(.tenant(request.tenant)) }
        if settings.mayLimit(.model) { try add(.model(request.model)) }
        if settings.mayLimit(.tenantModel) { try add(.tenantModel(tenant: request.tenant, model: request.model)) }
        return slots
    }

    func hasRoom(_ slots: CounterSlots) -> Bool { slots.allSatisfy { counters[$0].hasRoom } }

    mutating func reserve(_ ticket: Ticket) {
        for slot in ticket.slots { counters[slot].reserve(ticket.charge) }
    }

    mutating func admit(_ ticket: Ticket) -> Attempt {
        running += 1
        for slot in ticket.slots { counters[slot].begin() }
        return .admitted(ticket, status(ticket.slots))
    }

    /// Names, of all limits without room, the one that will have none for longest: trying again before is useless.
    func refusal(_ reason: LimitRefusal.Reason, _ ticket: Ticket, _ moment: Moment) -> LimitRefusal {
        var worst: (shortfall: Shortfall, scope: LimitScope)?
        for slot in ticket.slots {
            let counter = counters[slot]
            var shortfalls = counter.shortfalls(ticket.charge, moment)
            if let shortfall = counter.concurrencyShortfall(meanTime) { shortfalls.append(shortfall) }
            for shortfall in shortfalls
            where worst.map({ ($0.shortfall.wait ?? .max) < (shortfall.wait ?? .max) }) ?? true {
                worst = (shortfall, counter.scope)
            }
        }
        var refusal = LimitRefusal(reason: reason, retryAfter: .seconds(1), status: status(ticket.slots))
        guard let worst else { return refusal }
        refusal.limit = worst.shortfall.kind
        refusal.scope = worst.scope
        refusal.value = worst.shortfall.limit
        refusal.needed = worst.shortfall.needed
        refusal.retryAfter = worst.shortfall.wait.map { .microseconds($0) }
        if worst.shortfall.wait == nil { refusal.reason = .tooLarge }
        return refusal
    }

    private func status(_ slots: CounterSlots) -> RateLimitStatus {
        var status = RateLimitStatus()
        for slot in slots {
            let counter = counters[slot]
            if let limit = counter.limits.requestsPerMinute {
                status.requests = RateLimitStatus.tighter(status.requests, counter.requests.window(limit))
            }
            if let limit = counter.limits.tokensPerMinute {
                status.tokens = RateLimitStatus.tighter(status.tokens, counter.tokens.window(limit))
            }
        }
        return status
    }
}
