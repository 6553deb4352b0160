/// How fast requests start, from the last ones: what a client that is refused is told to wait is measured, not guessed.
package struct StartRate {
    private static let samples = 32

    private var starts: [ContinuousClock.Instant] = []
    private var oldest = 0

    package init() {}

    package mutating func record(_ instant: ContinuousClock.Instant) {
        if starts.count < Self.samples {
            starts.append(instant)
        } else {
            starts[oldest] = instant
            oldest = (oldest + 1) % Self.samples
        }
    }

    /// The mean time between two starts, that since the last one included, so that a standstill shows; nil where nothing
    /// has started.
    package func secondsBetweenStarts(now: ContinuousClock.Instant) -> Double? {
        guard !starts.isEmpty else { return nil }
        return (now - starts[oldest]) / .seconds(1) / Double(starts.count)
    }

    /// Seconds after which all that wait now will have started, if it goes on like this; at least 1, at most `limit`.
    package static func retrySeconds(waiting: Int, secondsBetweenStarts: Double, limit: Int = 600) -> Int {
        let seconds = (Double(waiting) * secondsBetweenStarts).rounded(.up)
        return seconds.isFinite ? max(1, Int(min(seconds, Double(limit)))) : limit
    }
}
