import Synchronization

/// A target: its members, how they are, and what they have to do.
final class TargetState: Sendable {
    enum Kind: Sendable {
        case first, retry
        /// A second call beside one that is under way.
        case hedge
    }

    let name: String
    let balancer: Balancer
    /// Locked before the balancer's, never after.
    private let health: Mutex<TargetHealth>

    init(_ name: String, settings: TargetSettings) {
        self.name = name
        balancer = Balancer(settings: settings.balancer)
        health = Mutex(TargetHealth(settings: settings))
    }

    func update(_ members: [Member], settings: TargetSettings) {
        health.withLock { health in
            health.use(settings)
            health.update(members.map(\.id))
            balancer.use(settings.balancer)
            balancer.update(members)
        }
    }

    var attemptLimit: Int { health.withLock { max($0.settings.attempts, 1) } }

    /// Gives the work to a member.
    ///
    /// - Parameter tried: serials of members that have had the request.
    func start(
        _ work: Work, step: PlanStep, needs features: Set<RouteFeature>, tried serials: Set<Int>, kind: Kind,
        at time: ContinuousClock.Instant
    ) throws(SkipReason) -> Attempt {
        let result: Result<Attempt, SkipReason> = health.withLock { health in
            if let able = health.settings.features, !features.isSubset(of: able) {
                return .failure(.lacks(features.subtracting(able).sorted { $0.rawValue < $1.rawValue }))
            }
            health.ejection.sweep(at: time)
            let unavailable = health.unavailable(at: time)
            let tried = Set(health.members.filter { serials.contains($0.value.serial) }.keys)
            if kind == .retry, !health.retry.withdraw(at: time) { return .failure(.retriesSpent) }
            do throws(PlacementRefusal) {
                let lease = try balancer.place(work, excluding: unavailable.union(tried))
                guard let permit = health.admit(lease.member, at: time) else {
                    if kind == .retry { health.retry.refund() }
                    return .failure(.noMembers)
                }
                return .success(attempt(&health, lease, permit, step, kind, time))
            } catch {
                if kind == .retry { health.retry.refund() }
                return .failure(reason(error, health, unavailable.subtracting(tried), tried, time))
            }
        }
        return try result.get()
    }

    private func attempt(
        _ health: inout TargetHealth, _ lease: Lease, _ permit: AttemptPermit, _ step: PlanStep, _ kind: Kind,
        _ time: ContinuousClock.Instant
    ) -> Attempt {
        switch kind {
        case .first:
            health.counts.requests += 1
            health.retry.deposit(at: time)
            health.hedge.begin(at: time)
        case .retry: health.counts.retries += 1
        case .hedge: health.counts.hedges += 1
        }
        let delay = kind == .hedge ? nil : step.hedgeAfter.flatMap { health.hedge.delay($0, at: time) }
        return Attempt(
            self, lease: lease, permit: permit, timeout: step.timeout, hedgeAfter: delay, isHedge: kind == .hedge,
            start: time)
    }

    private func reason(
        _ refusal: PlacementRefusal, _ health: TargetHealth, _ unavailable: Set<String>, _ tried: Set<String>,
        _ time: ContinuousClock.Instant
    ) -> SkipReason {
        if refusal == .busy { return .busy }
        let draining = Set(balancer.loads.filter { !$0.isGone && $0.member.isDraining }.map(\.member.id))
        let waiting = unavailable.subtracting(draining)
        if !waiting.isEmpty { return .unavailable(until: health.returnTime(of: waiting, at: time)) }
        return tried.isEmpty ? .noMembers : .allTried
    }

    func withdrawHedge(at time: ContinuousClock.Instant) -> Bool { health.withLock { $0.hedge.withdraw(at: time) } }

    func refundHedge() { health.withLock { $0.hedge.refund() } }

    func recordFirstToken(_ permit: AttemptPermit, after latency: Duration, at time: ContinuousClock.Instant) {
        health.withLock { health in
            health.hedge.record(latency, at: time)
            if permit.breaker.isProbe { health.recordProbe(permit, at: time) }
        }
    }

    /// - Parameters:
    ///   - latency: to the first token, where there was one.
    ///   - silence: how long a call without a first token was waited for, where that was longer than the delay for a
    ///     second.
    func record(
        _ permit: AttemptPermit, _ outcome: Outcome, latency: Duration?, silence: Duration?, isHedge: Bool,
        at time: ContinuousClock.Instant
    ) {
        health.withLock { health in
            // Else percentiles would come from quick calls alone, and fall with each second call that wins.
            if let silence { health.hedge.record(silence, at: time) }
            if isHedge, outcome == .success { health.counts.hedgesWon += 1 }
            let isProbeDone = permit.breaker.isProbe && latency != nil
            health.record(permit, outcome, latency: latency, isProbeDone: isProbeDone, at: time)
        }
    }

    func abandon(_ permit: AttemptPermit, isProbeDone: Bool) {
        health.withLock { health in
            health.counts.add(.cancelled)
            health.cancel(permit, isProbeDone: isProbeDone)
        }
    }

    /// A copy of what is known.
    func snapshot(at time: ContinuousClock.Instant) -> TargetHealth {
        health.withLock { health in
            health.ejection.sweep(at: time)
            return health
        }
    }
}
