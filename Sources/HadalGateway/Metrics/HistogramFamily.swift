import Foundation
import Synchronization

/// How often something took how long, by labels: counts below bounds from which a scraper makes percentiles.
final class HistogramFamily: Sendable {
    private struct Series: Sendable {
        /// Of each bucket alone; the last is what is above all bounds.
        var counts: [Int]
        var sum = 0.0
        /// The last one of each bucket that was told of.
        var exemplars: [Int: MetricsText.Exemplar] = [:]
    }

    let description: MetricDescription
    /// vLLM's name for it.
    private let other: String?
    /// Ascending; a value that equals a bound is below it.
    private let bounds: [Double]
    private let table: Mutex<SeriesTable<Series>>

    /// - Parameters:
    ///   - other: another name under which it is told too.
    ///   - limit: series before new tenants and models are counted as `other`.
    init(
        _ name: String, _ help: String, _ labels: [String] = [], bounds: [Double], other: String? = nil,
        limit: Int = 500
    ) {
        description = MetricDescription(.histogram, name, help, labels)
        self.bounds = bounds
        self.other = other
        table = Mutex(SeriesTable(labels, limit: limit))
    }

    /// Bounds of durations from a millisecond to ten minutes, ten for each power of ten: a percentile that is read from them
    /// is within a fifth, P99.9 too.
    static let fine: [Double] = (-3...2).flatMap { power in
        [1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8].map { $0 * pow(10, Double(power)) }
    }.filter { $0 <= 600 }

    /// - Parameters:
    ///   - value: what is no time is left out: it would spoil the sum for good.
    ///   - request: that it was, to look it up by.
    func note(_ value: Double, _ labels: LabelValues = LabelValues(), request: String? = nil) {
        note(CollectionOfOne(value), labels, request: request)
    }

    /// Several at once.
    func note(_ values: some Collection<Double>, _ labels: LabelValues, request: String? = nil) {
        guard values.contains(where: { $0.isFinite && $0 >= 0 }) else { return }
        table.withLock {
            $0.change(labels, from: Series(counts: Array(repeating: 0, count: bounds.count + 1))) { series in
                for value in values where value.isFinite && value >= 0 {
                    let bucket = bucket(of: value)
                    series.counts[bucket] += 1
                    series.sum += value
                    if let request {
                        series.exemplars[bucket] = .init(
                            request: request, value: value, time: Date().timeIntervalSince1970)
                    }
                }
            }
        }
    }

    private func bucket(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func write(to text: inout MetricsText) {
        let all = table.withLock(\.all).sorted { $0.labels < $1.labels }
        write(all, description, to: &text)
        if let other { write(all, description.named(other), to: &text) }
    }

    private func write(
        _ all: [(labels: LabelValues, value: Series)], _ description: MetricDescription, to text: inout MetricsText
    ) {
        text.begin(description)
        for (labels, series) in all {
            var count = 0
            for (index, inBucket) in series.counts.enumerated() {
                count += inBucket
                text.add(
                    labels, Double(count), suffix: "_bucket", bound: index < bounds.count ? bounds[index] : .infinity,
                    exemplar: series.exemplars[index])
            }
            text.add(labels, series.sum, suffix: "_sum")
            text.add(labels, Double(count), suffix: "_count")
        }
    }
}
