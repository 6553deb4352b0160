import Foundation

/// Quantiles of the latencies of the last while, to 2 %, in bounded memory: DDSketch's logarithmic buckets (Masson,
/// Rim, Lee; arXiv:1908.10693), once for the current window and once for the one before.
public struct LatencySketch: Sendable {
    /// From a bucket's bound to the next.
    private static let growth = 1.02 / 0.98
    private static let logarithm = log(growth)
    /// To 24 hours, in µs.
    private static let bucketCount = Int(log(86_400e6) / logarithm) + 2

    private struct Part {
        var buckets = [UInt32](repeating: 0, count: LatencySketch.bucketCount)
        var count = 0
    }

    public var window: Duration
    private var current = Part()
    private var previous = Part()
    private var start: ContinuousClock.Instant?

    public init(window: Duration) { self.window = window }

    public mutating func record(_ latency: Duration, at time: ContinuousClock.Instant) {
        turn(time)
        let microseconds = max(latency.inSeconds * 1e6, 1)
        let bucket = min(Int((log(microseconds) / Self.logarithm).rounded(.up)), Self.bucketCount - 1)
        if current.buckets[bucket] < .max { current.buckets[bucket] += 1 }
        current.count += 1
    }

    /// How many latencies it knows.
    public mutating func count(at time: ContinuousClock.Instant) -> Int {
        turn(time)
        return current.count + previous.count
    }

    /// - Parameter percent: 95 for p95.
    /// - Returns: nil where nothing is known.
    public mutating func percentile(_ percent: Double, at time: ContinuousClock.Instant) -> Duration? {
        turn(time)
        let count = current.count + previous.count
        guard count > 0 else { return nil }
        let rank = Int((min(max(percent, 0), 100) / 100 * Double(count - 1)).rounded(.down))
        var seen = 0
        for bucket in 0..<Self.bucketCount {
            seen += Int(current.buckets[bucket]) + Int(previous.buckets[bucket])
            if seen > rank {
                // Between the bucket's bounds, so that neither is more than 2 % away.
                let microseconds = 2 * pow(Self.growth, Double(bucket)) / (Self.growth + 1)
                return .microseconds(Int64(microseconds.rounded()))
            }
        }
        return nil
    }

    private mutating func turn(_ time: ContinuousClock.Instant) {
        let begun = start ?? time
        let age = begun.duration(to: time)
        if age >= window {
            previous = age < window * 2 ? current : Part()
            current = Part()
            start = time
        } else {
            start = begun
        }
    }
}
