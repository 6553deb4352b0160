/// How fast requests start while others wait, from the last ones: what a client that is refused is told to wait is
/// measured, not guessed.
///
/// An interval begins with the start before or with the request's own arrival, whichever is later: time in which nobody
/// waited says nothing about how fast the engine is.
package struct StartRate {
    private static let samples = 32

    private var intervals: [Double] = []
    private var oldest = 0
    private var last: ContinuousClock.Instant?

    package init() {}

    private func interval(to end: ContinuousClock.Instant, arrival: ContinuousClock.Instant) -> Double {
        max(0, (end - max(last ?? arrival, arrival)) / .seconds(1))
    }

    package mutating func record(_ start: ContinuousClock.Instant, arrival: ContinuousClock.Instant) {
        let interval = interval(to: start, arrival: arrival)
        if intervals.count < Self.samples {
            intervals.append(interval)
        } else {
            intervals[oldest] = interval
            oldest = (oldest + 1) % Self.samples
        }
        last = start
    }

    /// The mean interval between two starts, that since the last one included, so that a standstill shows; nil where
    /// nothing has started.
    /// - Parameter arrival: of the request that has waited longest; nil where none waits.
    package func secondsBetweenStarts(
        now: ContinuousClock.Instant, arrival: ContinuousClock.Instant?
    ) -> Double? {
        guard !intervals.isEmpty else { return nil }
        let sum = intervals.reduce(0, +)
        guard let arrival else { return sum / Double(intervals.count) }
        return (sum + interval(to: now, arrival: arrival)) / Double(intervals.count + 1)
    }

    /// Seconds after which all that wait now will have started, if it goes on like this; at least 1, at most `limit`.
    package static func retrySeconds(waiting: Int, secondsBetweenStarts: Double, limit: Int = 600) -> Int {
        let seconds = (Double(waiting) * secondsBetweenStarts).rounded(.up)
        return seconds.isFinite ? max(1, Int(min(seconds, Double(limit)))) : limit
    }
}
