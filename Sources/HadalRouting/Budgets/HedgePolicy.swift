public struct HedgeSettings: Sendable, Hashable {
    /// Second calls as a share of requests.
    public var budget = RetryBudgetSettings.hedging
    /// Percentiles are of the latencies of the last window to two.
    public var window: Duration = .seconds(300)
    /// From how many latencies on a percentile counts; before, none is sent.
    public var minimumSamples = 50

    public init() {}
}

/// When a request that has no answer yet may be sent a second time, to somebody else (Dean, Barroso: The Tail at
/// Scale).
public struct HedgePolicy: Sendable {
    public private(set) var settings: HedgeSettings
    private var budget: RetryBudget
    private var latencies: LatencySketch

    public init(settings: HedgeSettings = HedgeSettings()) {
        self.settings = settings
        budget = RetryBudget(settings: settings.budget)
        latencies = LatencySketch(window: settings.window)
    }

    /// What is known stays known.
    public mutating func use(_ settings: HedgeSettings) {
        self.settings = settings
        budget.settings = settings.budget
        latencies.window = settings.window
    }

    /// Second calls that are left.
    public var balance: Double { budget.balance }

    /// Counts a request.
    public mutating func begin(at time: ContinuousClock.Instant) { budget.deposit(at: time) }

    /// - Parameter latency: to the first token; of a call that was given up before it, how long that had lasted.
    public mutating func record(_ latency: Duration, at time: ContinuousClock.Instant) {
        latencies.record(latency, at: time)
    }

    /// After how long a second call may be sent; nil where too little is known.
    public mutating func delay(_ delay: HedgeDelay, at time: ContinuousClock.Instant) -> Duration? {
        switch delay {
        case .fixed(let duration): return duration
        case .percentile(let percent):
            guard latencies.count(at: time) >= max(settings.minimumSamples, 1) else { return nil }
            return latencies.percentile(percent, at: time)
        }
    }

    public mutating func percentile(_ percent: Double, at time: ContinuousClock.Instant) -> Duration? {
        latencies.percentile(percent, at: time)
    }

    /// Takes a second call from the budget, if there is one.
    public mutating func withdraw(at time: ContinuousClock.Instant) -> Bool { budget.withdraw(at: time) }

    /// Gives back a second call that was not made after all.
    public mutating func refund() { budget.refund() }
}
