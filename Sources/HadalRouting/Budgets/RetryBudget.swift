public struct RetryBudgetSettings: Sendable, Hashable {
    /// How many extra calls each request allows: 0.2 for one in five.
    public var share: Double
    /// Extra calls a second that are allowed also without requests.
    public var perSecond: Double
    /// How many may be saved up.
    public var capacity: Int
    /// How many there are at first.
    public var initial: Int

    public init(share: Double = 0.2, perSecond: Double = 0.5, capacity: Int = 10, initial: Int = 10) {
        self.share = share
        self.perSecond = perSecond
        self.capacity = capacity
        self.initial = initial
    }

    /// For second calls that nothing has failed for: never more than the share, not even at the beginning.
    public static let hedging = RetryBudgetSettings(share: 0.05, perSecond: 0, capacity: 10, initial: 0)
}

/// A bucket of extra calls that requests fill, so that what fails for all is not asked for again by all.
public struct RetryBudget: Sendable, Hashable {
    /// Whole numbers, so that ten tenths are one.
    private static let unit = 1_000_000

    public var settings: RetryBudgetSettings
    private var level: Int
    private var filled: ContinuousClock.Instant?

    public init(settings: RetryBudgetSettings = RetryBudgetSettings()) {
        self.settings = settings
        level = max(settings.initial, 0) * Self.unit
    }

    /// How many extra calls are left, a fraction of one among them.
    public var balance: Double { Double(level) / Double(Self.unit) }

    /// Counts a request.
    public mutating func deposit(at time: ContinuousClock.Instant) {
        fill(time)
        add(settings.share * Double(Self.unit))
    }

    /// Takes an extra call, if there is one.
    public mutating func withdraw(at time: ContinuousClock.Instant) -> Bool {
        fill(time)
        guard level >= Self.unit else { return false }
        level -= Self.unit
        return true
    }

    /// Gives back a call that was not made after all.
    public mutating func refund() { add(Double(Self.unit)) }

    private mutating func fill(_ time: ContinuousClock.Instant) {
        let last = filled ?? time
        let amount = last.duration(to: time).inSeconds * settings.perSecond * Double(Self.unit)
        // Less than a unit waits, so that many calls in a µs do not round it away.
        if amount >= 1 || settings.perSecond <= 0 || filled == nil {
            filled = max(last, time)
            add(amount.rounded(.down))
        }
    }

    private mutating func add(_ amount: Double) {
        let most = max(settings.capacity, 0) * Self.unit
        level = min(level + Int(min(max(amount, 0), Double(most)).rounded()), most)
    }
}
