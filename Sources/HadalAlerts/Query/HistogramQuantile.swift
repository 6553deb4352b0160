import Foundation

/// Quantiles from counts below bounds, linear between two bounds, as Prometheus' `histogram_quantile` has them
/// (promql/quantile.go, bucketQuantile).
enum HistogramQuantile {
    private struct Bucket {
        let bound: Double
        /// Of all that is not above the bound.
        var count: Double
    }

    /// - Parameter counts: with the label `le` each. What has another than a number there is left out.
    static func values(_ quantile: Double, _ counts: [Labels: Double]) -> [Labels: Double] {
        var histograms: [Labels: [Bucket]] = [:]
        for (labels, count) in counts {
            guard let bound = labels["le"] == "+Inf" ? .infinity : Double(labels["le"]) else { continue }
            histograms[labels.without("le"), default: []].append(Bucket(bound: bound, count: count))
        }
        return histograms.mapValues { value(quantile, $0) }
    }

    private static func value(_ quantile: Double, _ unordered: [Bucket]) -> Double {
        var buckets = unordered.sorted { $0.bound < $1.bound }
        // Counts of two scrapes may be mixed.
        for place in buckets.indices.dropFirst() {
            buckets[place].count = max(buckets[place].count, buckets[place - 1].count)
        }
        guard buckets.count > 1, let all = buckets.last, all.bound == .infinity, all.count > 0 else { return .nan }
        var rank = quantile * all.count
        let place = buckets.dropLast().firstIndex { $0.count >= rank } ?? buckets.count - 1
        guard place < buckets.count - 1 else { return buckets[place - 1].bound }
        guard place > 0 else {
            let first = buckets[0]
            return first.bound <= 0 ? first.bound : first.bound * rank / first.count
        }
        let (below, own) = (buckets[place - 1], buckets[place])
        rank -= below.count
        return below.bound + (own.bound - below.bound) * rank / (own.count - below.count)
    }
}
