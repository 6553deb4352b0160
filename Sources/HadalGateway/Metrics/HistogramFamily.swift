import Synchronization

/// How often something took how long, by labels: counts below bounds from which a scraper makes percentiles.
final class HistogramFamily: Sendable {
    private struct Series: Sendable {
        /// Of each bucket alone; the last is what is above all bounds.
        var counts: [Int]
        var sum = 0.0
    }

    let description: MetricDescription
    /// Seconds, ascending; a value that equals a bound is below it.
    private let bounds: [Double]
    private let table: Mutex<SeriesTable<Series>>

    /// - Parameter limit: series before new tenants and models are counted as `other`.
    init(_ name: String, _ help: String, _ labels: [String] = [], bounds: [Double], limit: Int = 500) {
        description = MetricDescription(.histogram, name, help, labels)
        self.bounds = bounds
        table = Mutex(SeriesTable(labels, limit: limit))
    }

    /// - Parameter seconds: what is no time is left out: it would spoil the sum for good.
    func note(_ seconds: Double, _ labels: LabelValues = LabelValues()) {
        guard seconds.isFinite, seconds >= 0 else { return }
        let bucket = bounds.firstIndex { seconds <= $0 } ?? bounds.count
        table.withLock {
            $0.change(labels, from: Series(counts: Array(repeating: 0, count: bounds.count + 1))) { series in
                series.counts[bucket] += 1
                series.sum += seconds
            }
        }
    }

    func write(to text: inout MetricsText) {
        text.begin(description)
        for (labels, series) in table.withLock(\.all).sorted(by: { $0.labels < $1.labels }) {
            var count = 0
            for (bound, inBucket) in zip(bounds + [.infinity], series.counts) {
                count += inBucket
                text.add(labels, Double(count), suffix: "_bucket", bound: bound)
            }
            text.add(labels, series.sum, suffix: "_sum")
            text.add(labels, Double(count), suffix: "_count")
        }
    }
}
