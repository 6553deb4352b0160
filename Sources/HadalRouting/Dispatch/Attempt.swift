import Synchronization

/// A call to one member of a target. It ends once: by `finish`, or when nobody holds it any more, which counts as
/// cancelled.
public final class Attempt: Sendable {
    public let member: String
    /// To the first token; nil for no limit of the route's.
    public let timeout: Duration?
    /// When a second call may be asked for by `Dispatch.hedge`, if there is no first token by then; nil for never.
    public let hedgeAfter: Duration?
    /// Whether it is a second call.
    public let isHedge: Bool
    /// Whether it tries out a member that failed before.
    public var isProbe: Bool { permit.breaker.isProbe }
    public var target: String { state.name }
    var serial: Int { permit.serial }
    /// Tokens of the prompt's beginning that the member has probably computed before.
    public var matchedTokens: Int { lease.matchedTokens }

    private let state: TargetState
    private let lease: Lease
    private let permit: AttemptPermit
    private let start: ContinuousClock.Instant

    private struct Progress {
        var latency: Duration?
        var isFinished = false
    }
    private let progress = Mutex(Progress())

    init(
        _ state: TargetState, lease: Lease, permit: AttemptPermit, timeout: Duration?, hedgeAfter: Duration?,
        isHedge: Bool, start: ContinuousClock.Instant
    ) {
        self.state = state
        self.lease = lease
        self.permit = permit
        self.timeout = timeout
        self.hedgeAfter = hedgeAfter
        self.isHedge = isHedge
        self.start = start
        member = lease.member
    }

    deinit {
        let last = progress.withLock { $0 }
        lease.finish()
        if !last.isFinished { state.abandon(permit, isProbeDone: isProbe && last.latency != nil) }
    }

    /// The first token came. A second time does nothing.
    public func firstToken(at time: ContinuousClock.Instant) {
        let latency: Duration? = progress.withLock { progress in
            guard progress.latency == nil, !progress.isFinished else { return nil }
            progress.latency = max(start.duration(to: time), .zero)
            return progress.latency
        }
        if let latency { state.recordFirstToken(permit, after: latency, at: time) }
    }

    /// So many of the work's tokens are done.
    public func progress(_ tokens: Int) { lease.progress(tokens) }

    /// A second time does nothing.
    public func finish(_ outcome: Outcome, at time: ContinuousClock.Instant) {
        let first: Progress? = progress.withLock { progress in
            guard !progress.isFinished else { return nil }
            progress.isFinished = true
            return progress
        }
        guard let first else { return }
        lease.finish()
        let elapsed = start.duration(to: time)
        let isSilent = first.latency == nil && outcome != .success && hedgeAfter.map { elapsed >= $0 } ?? false
        state.record(
            permit, outcome, latency: first.latency, silence: isSilent ? elapsed : nil, isHedge: isHedge, at: time)
    }
}
