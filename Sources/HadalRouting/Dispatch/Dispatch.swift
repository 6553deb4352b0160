import Synchronization

/// One request's way along its plan.
///
/// `next` gives the first member to ask. Where it fails, `next` gives another member of the same target, then the
/// plan's next target. Where it is only slow, `hedge` gives a second one beside it, once.
public final class Dispatch: Sendable {
    public let plan: [PlanStep]
    private let dispatcher: Dispatcher
    private let work: Work
    private let features: Set<RouteFeature>

    private struct Progress {
        var step = 0
        /// At this step, second calls apart.
        var attempts = 0
        /// Serials of members that were asked, by target: one that was started anew may be asked again.
        var tried: [String: Set<Int>] = [:]
        var skips: [Skip] = []
        var isHedged = false
    }
    private let progress = Mutex(Progress())

    /// A target that was not asked, or not again.
    public struct Skip: Sendable, Hashable {
        public var target: String
        public var reason: SkipReason
    }

    public enum Next: Sendable {
        case attempt(Attempt)
        case exhausted(Exhaustion)
    }

    init(_ dispatcher: Dispatcher, plan: [PlanStep], work: Work, features: Set<RouteFeature>) {
        self.dispatcher = dispatcher
        self.plan = plan
        self.work = work
        self.features = features
    }

    /// Targets that were left out so far, and why.
    public var skips: [Skip] { progress.withLock { $0.skips } }

    /// Whom to ask now. The attempt before has ended.
    public func next(at time: ContinuousClock.Instant) -> Next {
        progress.withLock { progress in
            while progress.step < plan.count {
                let step = plan[progress.step]
                do throws(SkipReason) {
                    let attempt = try start(step, &progress, progress.attempts == 0 ? .first : .retry, time)
                    progress.attempts += 1
                    return .attempt(attempt)
                } catch {
                    progress.skips.append(Skip(target: step.target, reason: error))
                    progress.step += 1
                    progress.attempts = 0
                }
            }
            return .exhausted(Exhaustion(skips: progress.skips, at: time))
        }
    }

    /// A second member to ask while the first has not answered: of the same target, or else of the next that has one.
    ///
    /// - Returns: nil where nobody is left, the request has had its second call, or the target's requests had too many.
    public func hedge(at time: ContinuousClock.Instant) -> Attempt? {
        progress.withLock { progress in
            guard progress.attempts > 0, !progress.isHedged, progress.step < plan.count,
                let first = dispatcher.target(plan[progress.step].target), first.withdrawHedge(at: time)
            else { return nil }
            for step in plan[progress.step...] {
                guard let attempt = try? start(step, &progress, .hedge, time) else { continue }
                progress.isHedged = true
                return attempt
            }
            first.refundHedge()
            return nil
        }
    }

    private func start(
        _ step: PlanStep, _ progress: inout Progress, _ kind: TargetState.Kind, _ time: ContinuousClock.Instant
    ) throws(SkipReason) -> Attempt {
        guard let target = dispatcher.target(step.target) else { throw .unknownTarget }
        if kind == .retry, progress.attempts >= target.attemptLimit { throw .attemptsSpent }
        let attempt = try target.start(
            work, step: step, needs: features, tried: progress.tried[step.target] ?? [], kind: kind, at: time)
        progress.tried[step.target, default: []].insert(attempt.serial)
        return attempt
    }
}

/// Nobody is left to ask.
public struct Exhaustion: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was left out, in order.
    public var skips: [Dispatch.Skip]
    /// After how long it is worth asking again; nil where that is not known.
    public var retryAfter: Duration?

    init(skips: [Dispatch.Skip], at time: ContinuousClock.Instant) {
        self.skips = skips
        retryAfter = skips.compactMap { skip -> Duration? in
            guard case .unavailable(let until?) = skip.reason else { return nil }
            return max(time.duration(to: until), .zero)
        }.min()
    }

    /// Whether a request that waits may find room.
    public var isBusy: Bool { skips.contains { $0.reason == .busy } }

    public var description: String {
        skips.isEmpty
            ? "the plan names no target" : skips.map { "\($0.target): \($0.reason)" }.joined(separator: "; ")
    }
}
