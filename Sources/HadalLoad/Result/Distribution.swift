import HadalJSON
import Histogram

/// How long something took: in seconds.
public struct Distribution: Sendable, Hashable {
    public struct Point: Sendable, Hashable {
        /// 0 … 100
        public var percentile: Double
        public var seconds: Double
    }

    static let named = [50.0, 75, 90, 95, 99, 99.9, 99.99]

    public var count: Int
    public var mean: Double
    public var least: Double
    public var most: Double
    /// Those in `named`.
    public var percentiles: [Point]
    /// More of them, ascending, for plots: closer together towards 100.
    public var curve: [Point]

    init(_ histogram: Histogram<UInt64>) {
        func seconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1e6 }
        count = Int(histogram.totalCount)
        mean = count == 0 ? 0 : histogram.mean / 1e6
        least = count == 0 ? 0 : seconds(histogram.min)
        most = seconds(histogram.maxRecorded)
        percentiles = Self.named.map { Point(percentile: $0, seconds: seconds(histogram.valueAtPercentile($0))) }
        curve = count == 0 ? [] : Self.curve(histogram)
    }

    init(_ values: some Sequence<Double>) {
        var histogram = Histogram<UInt64>.ofDurations
        for value in values { histogram.record(Histogram<UInt64>.microseconds(value)) }
        self.init(histogram)
    }

    /// To the largest percentile that the count can tell.
    private static func curve(_ histogram: Histogram<UInt64>) -> [Point] {
        var points: [Point] = []
        for value in histogram.percentiles(ticksPerHalfDistance: 5) {
            points.append(Point(percentile: value.percentile, seconds: Double(value.value) / 1e6))
        }
        return points
    }

    public func at(_ percentile: Double) -> Double {
        if percentile >= 100 { return most }
        if let named = percentiles.first(where: { $0.percentile == percentile }) { return named.seconds }
        return curve.first { $0.percentile >= percentile }?.seconds ?? most
    }

    // MARK: JSON

    var json: JSON {
        [
            "count": .int(Int64(count)), "mean": .double(mean), "min": .double(least), "max": .double(most),
            "percentiles": .object(
                JSON.Object(percentiles.map { (Text.percentile($0.percentile), JSON.double($0.seconds)) })),
            "curve": .array(curve.map { [.double($0.percentile), .double($0.seconds)] }),
        ]
    }

    init?(_ json: JSON?) {
        guard let json, let count = json["count"]?.int, let mean = json["mean"]?.double,
            let least = json["min"]?.double,
            let most = json["max"]?.double, let named = json["percentiles"], let curve = json["curve"]?.array
        else { return nil }
        (self.count, self.mean, self.least, self.most) = (count, mean, least, most)
        percentiles = Self.named.compactMap { percentile in
            named[Text.percentile(percentile)]?.double.map { Point(percentile: percentile, seconds: $0) }
        }
        self.curve = curve.compactMap { pair in
            guard let percentile = pair[0]?.double, let seconds = pair[1]?.double else { return nil }
            return Point(percentile: percentile, seconds: seconds)
        }
        guard percentiles.count == Self.named.count else { return nil }
    }
}
