import Foundation

/// The values of one scrape.
public struct MetricFrame: Sendable {
    /// Of all series that are wanted; a scrape with more is refused.
    public static let seriesMax = 20_000
    public static let bytesMax = 64 << 20

    public let time: Date
    public let values: [Series: Double]

    /// - Parameters:
    ///   - text: in Prometheus' text format 0.0.4, as the gateway writes it: no exemplars, no timestamps.
    ///   - wanted: what else stands in the text is left out.
    /// - Throws: `AlertError.metrics` with the line that is not understood, or that is one too many.
    public init(parsing text: String, time: Date, wanted: SelectorSet) throws(AlertError) {
        guard text.utf8.count <= Self.bytesMax else {
            throw .metrics(line: 1, problem: "the text has more than \(Self.bytesMax) bytes")
        }
        var values: [Series: Double] = [:]
        var number = 0
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            var reader = MetricLineReader(line, number: number)
            let metric = try reader.metric()
            guard wanted.has(metric: metric) else { continue }
            let series = Series(metric, try reader.labels())
            guard wanted.has(series) else { continue }
            guard values.updateValue(try reader.value(), forKey: series) == nil else {
                throw .metrics(line: number, problem: "\(metric)\(series.labels) stands there twice")
            }
            guard values.count <= Self.seriesMax else {
                throw .metrics(line: number, problem: "there are more than \(Self.seriesMax) series")
            }
        }
        self.init(time: time, values: values)
    }

    init(time: Date, values: [Series: Double]) {
        self.time = time
        self.values = values
    }
}
