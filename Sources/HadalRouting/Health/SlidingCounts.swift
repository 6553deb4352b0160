/// How many calls succeeded and failed within a window of time, to a tenth of the window.
struct SlidingCounts: Sendable, Hashable {
    private static let slotCount = 10

    private struct Slot: Hashable {
        var index: Int64 = .min
        var successes = 0
        var failures = 0
    }

    private var slots = [Slot](repeating: Slot(), count: slotCount)
    private var origin: ContinuousClock.Instant?

    mutating func add(isSuccess: Bool, window: Duration, at time: ContinuousClock.Instant) {
        let index = index(window, time)
        let place = Int(index % Int64(Self.slotCount))
        if slots[place].index < index { slots[place] = Slot(index: index) }
        if isSuccess { slots[place].successes += 1 } else { slots[place].failures += 1 }
    }

    mutating func totals(window: Duration, at time: ContinuousClock.Instant) -> (successes: Int, failures: Int) {
        let now = index(window, time)
        let current = slots.filter { $0.index > now - Int64(Self.slotCount) && $0.index <= now }
        return (current.reduce(0) { $0 + $1.successes }, current.reduce(0) { $0 + $1.failures })
    }

    mutating func clear() { self = SlidingCounts() }

    private mutating func index(_ window: Duration, _ time: ContinuousClock.Instant) -> Int64 {
        let origin = origin ?? time
        self.origin = origin
        let slot = max(window / Self.slotCount, .milliseconds(1))
        // Threads read the clock before they take a lock: a time may be a little before the first.
        return max(Int64((origin.duration(to: time) / slot).rounded(.down)), 0)
    }
}
