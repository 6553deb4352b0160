/// What a target knows of its members and calls, but for their loads.
struct TargetHealth: Sendable {
    struct MemberHealth: Sendable {
        /// Differs from that of all members before it, also those of the same id.
        let serial: Int
        var breaker: CircuitBreaker
    }

    private(set) var settings: TargetSettings
    private(set) var members: [String: MemberHealth] = [:]
    var ejection: OutlierEjection
    var hedge: HedgePolicy
    var retry: RetryBudget
    var counts = TargetCounts()
    private var nextSerial = 0

    init(settings: TargetSettings) {
        self.settings = settings
        ejection = OutlierEjection(settings: settings.ejection)
        hedge = HedgePolicy(settings: settings.hedge)
        retry = RetryBudget(settings: settings.retry)
    }

    mutating func use(_ settings: TargetSettings) {
        self.settings = settings
        for id in members.keys { members[id]?.breaker.settings = settings.breaker }
        ejection.settings = settings.ejection
        hedge.use(settings.hedge)
        retry.settings = settings.retry
    }

    mutating func update(_ ids: [String]) {
        let old = members
        members = [:]
        for id in ids {
            if let known = old[id] {
                members[id] = known
            } else {
                members[id] = MemberHealth(serial: nextSerial, breaker: CircuitBreaker(settings: settings.breaker))
                nextSerial += 1
            }
        }
        ejection.update(ids)
    }

    /// Members that must not be asked now.
    func unavailable(at time: ContinuousClock.Instant) -> Set<String> {
        Set(
            members.filter { id, member in
                !member.breaker.isAvailable(at: time) || ejection.ejection(of: id, at: time) != nil
            }.keys)
    }

    /// When the first of `ids` can be asked again; nil where no time will bring that alone.
    func returnTime(of ids: Set<String>, at time: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        ids.compactMap { id -> ContinuousClock.Instant? in
            let ejected = ejection.ejection(of: id, at: time)?.until
            switch members[id]?.breaker.state(at: time) {
            case .open(let until): return max(until, ejected ?? until)
            default: return ejected
            }
        }.min()
    }

    mutating func admit(_ id: String, at time: ContinuousClock.Instant) -> AttemptPermit? {
        guard let member = members[id], let permit = members[id]?.breaker.admit(at: time) else { return nil }
        return AttemptPermit(member: id, serial: member.serial, breaker: permit)
    }

    mutating func record(
        _ permit: AttemptPermit, _ outcome: Outcome, latency: Duration?, isProbeDone: Bool,
        at time: ContinuousClock.Instant
    ) {
        counts.add(outcome)
        guard members[permit.member]?.serial == permit.serial else { return }
        switch outcome {
        case .success, .failure:
            ejection.record(permit.member, isSuccess: outcome == .success, latency: latency, at: time)
            guard !isProbeDone else { return }
            members[permit.member]?.breaker.record(permit.breaker, isSuccess: outcome == .success, at: time)
        case .overloaded, .cancelled: cancel(permit, isProbeDone: isProbeDone)
        }
    }

    /// A probe has brought its first token. The answer may take minutes more, and the others need the member.
    mutating func recordProbe(_ permit: AttemptPermit, at time: ContinuousClock.Instant) {
        guard members[permit.member]?.serial == permit.serial else { return }
        members[permit.member]?.breaker.record(permit.breaker, isSuccess: true, at: time)
    }

    mutating func cancel(_ permit: AttemptPermit, isProbeDone: Bool) {
        guard !isProbeDone, members[permit.member]?.serial == permit.serial else { return }
        members[permit.member]?.breaker.cancel(permit.breaker)
    }
}

/// A call that a member was let have.
struct AttemptPermit: Sendable, Hashable {
    let member: String
    let serial: Int
    let breaker: CircuitBreaker.Permit
}

/// Calls since the start.
struct TargetCounts: Sendable, Hashable {
    var requests = 0
    var retries = 0
    var hedges = 0
    /// Second calls that brought the answer.
    var hedgesWon = 0
    var successes = 0
    var failures = 0
    var overloads = 0
    var cancellations = 0

    mutating func add(_ outcome: Outcome) {
        switch outcome {
        case .success: successes += 1
        case .failure: failures += 1
        case .overloaded: overloads += 1
        case .cancelled: cancellations += 1
        }
    }
}
