import Synchronization

/// Decides which requests may begin, by the limits of all scopes they are part of: a request must fit all of them.
///
/// What it may need at most (the prompt's estimate and the longest answer that it allows) is taken when it is let
/// through and set right when it ends. `docs/limits.md` tells what each limit means.
///
/// `admit` and `Admission.finish` take one lock for about a microsecond and touch no file. Only quotas of a scope that
/// was not seen for long are read from `usage.db`, and usage is written there by `flush`, which the owner calls each
/// second and at the end.
public final class Limiter: Sendable {
    let state: Mutex<LimiterState>
    let store: UsageStore
    let clock: LimitClock
    /// `StateWriter.othersVersion` when totals were read last.
    let version = Mutex<Int64?>(nil)
    /// The day for which old rows were removed.
    let pruned = Mutex<UTCDay?>(nil)

    /// - Parameters:
    ///   - overrides: `LimitStore.all()`.
    ///   - store: of no other limiter in this process.
    /// - Throws: `LimitError` that says what is wrong in the configuration.
    public init(
        _ configuration: LimitConfiguration, overrides: [LimitOverride] = [], store: UsageStore,
        clock: LimitClock = .system
    ) throws(LimitError) {
        try configuration.validate()
        state = Mutex(LimiterState(LimitSettings(configuration, overrides)))
        self.store = store
        self.clock = clock
    }

    /// Limits have changed: they count for the next request. What was counted stays.
    /// - Throws: `LimitError`; then the earlier ones go on counting.
    public func use(_ configuration: LimitConfiguration, overrides: [LimitOverride]) throws(LimitError) {
        try configuration.validate()
        let settings = LimitSettings(configuration, overrides)
        let moment = clock.moment
        resume(state.withLock { $0.use(settings, moment) })
    }

    /// Returns when the request may begin. It waits, in a fair queue and for `LimitConfiguration.maximumWait` at most,
    /// only for limits of concurrency.
    /// - Throws: `LimitRefusal`: what is full, and when to try again. `.cancelled` at once where the task is cancelled.
    public func admit(_ request: LimitedRequest) async throws(LimitRefusal) -> Admission {
        let moment = clock.moment
        var attempt = state.withLock { $0.attempt(request, moment) }
        // A counter can be forgotten again while it is loaded, but not thrice in a row on a server that works.
        var loadsLeft = 3
        while true {
            switch attempt {
            case .admitted(let ticket, let status): return Admission(self, ticket, status)
            case .refused(let refusal): throw refusal
            case .mustWait: attempt = await wait(request)
            case .mustLoad(let scopes):
                guard loadsLeft > 0, await load(scopes) else {
                    throw LimitRefusal(reason: .usageUnknown, retryAfter: .seconds(1), status: RateLimitStatus())
                }
                loadsLeft -= 1
                let moment = clock.moment
                attempt = state.withLock { $0.attempt(request, moment) }
            }
        }
    }

    /// Never ends with `.mustWait`.
    private func wait(_ request: LimitedRequest) async -> Attempt {
        let (id, limit) = state.withLock { ($0.newID(), $0.settings.configuration.maximumWait) }
        var timer: Task<Void, Never>?
        let attempt = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let moment = clock.moment
                resume(state.withLock { $0.enter(request, id: id, continuation, moment) })
                // A cancellation before this found nobody in the queue.
                if Task.isCancelled { leave(id, .cancelled) }
                guard state.withLock({ $0.queue.contains(id) }) else { return }
                timer = Task { [clock] in
                    guard (try? await clock.sleep(limit)) != nil else { return }
                    self.leave(id, .waitedTooLong)
                }
            }
        } onCancel: {
            leave(id, .cancelled)
        }
        timer?.cancel()
        return attempt
    }

    private func leave(_ id: Int, _ reason: LimitRefusal.Reason) {
        let moment = clock.moment
        resume(state.withLock { $0.leave(id, reason, moment) })
    }

    func end(_ ticket: Ticket, _ usage: TokenUsage?) {
        let moment = clock.moment
        resume(state.withLock { $0.end(ticket, usage, moment) })
    }

    private func resume(_ resumptions: [Resumption]) {
        for resumption in resumptions {
            resumption.continuation.resume(returning: resumption.attempt)
        }
    }
}
