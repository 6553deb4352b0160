import HadalJSON

extension TargetState {
    /// `target`, `counts`, `retry_budget`, `hedge_budget` (calls that are left), `first_token_ms` (`p50`, `p95`,
    /// `p99`), `known_prefixes` and `members`, in the order of their ids.
    func status(at time: ContinuousClock.Instant) -> JSON {
        var health = snapshot(at: time)
        let percentiles = [50.0, 95, 99].map { percent in
            ("p\(Int(percent))", health.hedge.percentile(percent, at: time).map { JSON.int($0.milliseconds) })
        }
        return .compact([
            ("target", .string(name)), ("counts", health.counts.json),
            ("features", health.settings.features.map { .array($0.map(\.rawValue).sorted().map { .string($0) }) }),
            ("retry_budget", .double(health.retry.balance)), ("hedge_budget", .double(health.hedge.balance)),
            ("first_token_ms", .compact(percentiles)), ("known_prefixes", .int(Int64(balancer.prefixCount))),
            ("members", .array(balancer.loads.map { $0.json(health, time) })),
        ])
    }
}

extension TargetCounts {
    fileprivate var json: JSON {
        [
            "requests": .int(Int64(requests)), "retries": .int(Int64(retries)), "hedges": .int(Int64(hedges)),
            "hedges_won": .int(Int64(hedgesWon)), "successes": .int(Int64(successes)),
            "failures": .int(Int64(failures)), "overloads": .int(Int64(overloads)),
            "cancellations": .int(Int64(cancellations)),
        ]
    }
}

extension MemberLoad {
    /// `state` is one of `ready`, `set_aside`, `draining`, `ejected`, `open`, `half_open` and `gone` (has left with work to do).
    fileprivate func json(_ health: TargetHealth, _ time: ContinuousClock.Instant) -> JSON {
        let circuit = isGone ? nil : health.members[member.id]?.breaker.state(at: time)
        let ejection = isGone ? nil : health.ejection.ejection(of: member.id, at: time)
        var state = member.isDraining ? "draining" : member.isSetAside ? "set_aside" : "ready"
        var remaining = ejection.map { time.duration(to: $0.until) }
        if isGone {
            state = "gone"
        } else if !member.isDraining {
            switch circuit {
            case .open(let until):
                state = "open"
                remaining = max(remaining ?? .zero, time.duration(to: until))
            case .halfOpen: state = "half_open"
            default: break
            }
            if ejection != nil, state != "open" { state = "ejected" }
        }
        return .compact([
            ("member", .string(member.id)), ("state", .string(state)),
            ("remaining_ms", remaining.map { .int($0.milliseconds) }),
            ("ejected_for", ejection.map { .string($0.reason.rawValue) }), ("weight", .int(Int64(member.weight))),
            ("concurrency", member.concurrency.map { .int(Int64($0)) }), ("requests", .int(Int64(requests))),
            ("outstanding_tokens", .int(Int64(tokens))),
        ])
    }
}
