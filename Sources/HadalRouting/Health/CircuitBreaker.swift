public struct CircuitBreakerSettings: Sendable, Hashable {
    /// Opens after so many failures without a success between them.
    public var consecutiveFailures = 5
    /// Opens when at least this share of the calls within `window` failed,
    public var failureRate = 0.5
    public var window: Duration = .seconds(30)
    /// and there were so many.
    public var minimumCalls = 20
    /// How long it is open for the first time; each further time twice as long, up to the maximum.
    public var openTime: Duration = .seconds(5)
    public var maximumOpenTime: Duration = .seconds(120)
    /// How many calls may try, half-open, at once, and must succeed for it to close.
    public var probes = 2

    public init() {}
}

/// Keeps calls from somebody who fails: closed, then open for a time, then half-open, when a few calls try.
public struct CircuitBreaker: Sendable {
    public enum State: Sendable, Hashable {
        case closed
        case open(until: ContinuousClock.Instant)
        case halfOpen
    }

    /// A call that was let through. Its result counts only in the state that let it through, so that a call from
    /// before a failure cannot close the breaker.
    public struct Permit: Sendable, Hashable {
        fileprivate let generation: Int
        public let isProbe: Bool
    }

    public var settings: CircuitBreakerSettings {
        didSet { if settings.window != oldValue.window { counts.clear() } }
    }
    private var state = State.closed
    /// Changes with the state.
    private var generation = 0
    private var failuresInRow = 0
    private var counts = SlidingCounts()
    /// Openings without a long time of peace between them.
    private var openings = 0
    private var closedSince: ContinuousClock.Instant?
    private var probesUnderWay = 0
    private var probesSucceeded = 0

    public init(settings: CircuitBreakerSettings = CircuitBreakerSettings()) { self.settings = settings }

    public func state(at time: ContinuousClock.Instant) -> State {
        if case .open(let until) = state, until <= time { .halfOpen } else { state }
    }

    /// Whether `admit` would let a call through.
    public func isAvailable(at time: ContinuousClock.Instant) -> Bool {
        switch state {
        case .closed: true
        case .open(let until): until <= time
        case .halfOpen: probesUnderWay + probesSucceeded < max(settings.probes, 1)
        }
    }

    /// - Returns: nil where no call may go. Each permit must come back, by `record` or `cancel`.
    public mutating func admit(at time: ContinuousClock.Instant) -> Permit? {
        guard isAvailable(at: time) else { return nil }
        if case .open = state { change(to: .halfOpen) }
        guard state == .halfOpen else { return Permit(generation: generation, isProbe: false) }
        probesUnderWay += 1
        return Permit(generation: generation, isProbe: true)
    }

    public mutating func record(_ permit: Permit, isSuccess: Bool, at time: ContinuousClock.Instant) {
        guard permit.generation == generation else { return }
        switch state {
        case .closed: recordClosed(isSuccess, time)
        case .halfOpen:
            probesUnderWay -= 1
            guard isSuccess else { return open(time) }
            probesSucceeded += 1
            if probesSucceeded >= max(settings.probes, 1) {
                change(to: .closed)
                closedSince = time
            }
        case .open: break
        }
    }

    /// The call says nothing about whether it would have worked.
    public mutating func cancel(_ permit: Permit) {
        if permit.generation == generation, permit.isProbe { probesUnderWay -= 1 }
    }

    private mutating func recordClosed(_ isSuccess: Bool, _ time: ContinuousClock.Instant) {
        counts.add(isSuccess: isSuccess, window: settings.window, at: time)
        failuresInRow = isSuccess ? 0 : failuresInRow + 1
        guard !isSuccess else { return }
        let (successes, failures) = counts.totals(window: settings.window, at: time)
        let isRateHigh =
            successes + failures >= settings.minimumCalls
            && Double(failures) >= settings.failureRate * Double(successes + failures)
        if failuresInRow >= settings.consecutiveFailures || isRateHigh { open(time) }
    }

    private mutating func open(_ time: ContinuousClock.Instant) {
        // One that opens again soon after it has closed was not well.
        if state == .closed, let closedSince, closedSince.duration(to: time) > settings.maximumOpenTime { openings = 0 }
        var duration = min(settings.openTime, settings.maximumOpenTime)
        for _ in 0..<openings where duration < settings.maximumOpenTime {
            duration = min(duration * 2, settings.maximumOpenTime)
        }
        openings = min(openings + 1, 64)
        change(to: .open(until: time.advanced(by: duration)))
    }

    private mutating func change(to state: State) {
        self.state = state
        generation += 1
        failuresInRow = 0
        probesUnderWay = 0
        probesSucceeded = 0
        counts.clear()
    }
}
