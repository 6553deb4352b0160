import Foundation

@testable import HadalAlerts

extension History {
    static let start = 1_800_000_000.0

    /// Values at intervals of 15 seconds; nil: the series is not in that scrape.
    static func of(_ series: [Series: [Double?]], interval: Double = 15) -> History {
        var history = History()
        for step in 0..<(series.values.map(\.count).max() ?? 0) {
            history.add(series, at: step, interval: interval)
        }
        return history
    }

    mutating func add(_ series: [Series: [Double?]], at step: Int, interval: Double = 15) {
        var values: [Series: Double] = [:]
        for (name, all) in series where step < all.count { values[name] = all[step] }
        add(MetricFrame(time: Date(timeIntervalSince1970: Self.start + Double(step) * interval), values: values))
    }
}
