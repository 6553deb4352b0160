import Foundation

/// The values of the last hours, of those series that anybody asks for: every one for ten minutes, and one in five
/// minutes for six hours. At 15 seconds a frame that is at most 113 points of 24 bytes a series.
///
/// It begins anew with the process. Until it is as long as a window, rates over the window are those of what there is.
public struct History: Sendable {
    public static let denseLength: TimeInterval = 600
    public static let thinInterval: TimeInterval = 300
    public static let length: TimeInterval = 6 * 3600
    /// Frames that are nearer to the last one are left out.
    public static let intervalMin: TimeInterval = 5

    /// A value, and what a counter had lost until then by beginning anew, so that no increase is lost when the points
    /// between are.
    struct Point: Sendable {
        let time: TimeInterval
        let value: Double
        let lost: Double

        /// What a counter would show that had never begun anew.
        var total: Double { value + lost }
    }

    struct Window: Sendable {
        let start: TimeInterval
        let end: TimeInterval
    }

    private var points: [String: [Labels: [Point]]] = [:]
    /// Of the last frame, in seconds since 1970; nil: there was none.
    private(set) var time: TimeInterval?
    private var begin: TimeInterval?

    public init() {}

    public var seriesCount: Int { points.values.reduce(0) { $0 + $1.count } }

    /// Adds a scrape.
    public mutating func add(_ frame: MetricFrame) {
        let now = frame.time.timeIntervalSince1970
        if let time, now < time + Self.intervalMin {
            guard now < time - Self.thinInterval else { return }
            // The clock was set back: what is known lies in the future now.
            self = History()
        }
        var room = MetricFrame.seriesMax - seriesCount
        for (series, value) in frame.values {
            var kept = points[series.metric]?[series.labels] ?? []
            if kept.isEmpty {
                guard room > 0 else { continue }
                room -= 1
            }
            let before = kept.last
            let isReset = before.map { value < $0.value } ?? false
            kept.append(Point(time: now, value: value, lost: (before?.lost ?? 0) + (isReset ? before!.value : 0)))
            points[series.metric, default: [:]][series.labels] = kept
        }
        points = points.mapValues { series in
            series.mapValues { Self.thinned($0, now: now) }.filter { !$1.isEmpty }
        }
        time = now
        begin = begin ?? now
    }

    /// Whether there is enough of it that a value which is not there tells something: not just after a start.
    var isSettled: Bool {
        guard let time, let begin else { return false }
        return time - begin >= Self.denseLength
    }

    private static func thinned(_ points: [Point], now: TimeInterval) -> [Point] {
        var kept: [Point] = []
        kept.reserveCapacity(points.count)
        var slot = -Double.infinity
        for point in points where point.time >= now - length {
            // The first in each five minutes of the clock, so that it is the same one whenever this is asked.
            let own = (point.time / thinInterval).rounded(.down)
            if point.time >= now - denseLength || own != slot { kept.append(point) }
            slot = own
        }
        return kept
    }

    // MARK: what queries ask

    /// The values of the last frame.
    func latest(_ selector: Selector) -> [Labels: Double] {
        found(selector) { points in points.last!.time == time ? points.last!.value : nil }
    }

    /// What `result` makes of the points of each series within the window that ends with the last frame.
    func over(
        _ length: TimeInterval, _ selector: Selector, _ result: (ArraySlice<Point>, Window) -> Double?
    ) -> [Labels: Double] {
        guard let time else { return [:] }
        let window = Window(start: time - length, end: time)
        return found(selector) { points in
            // From the end: most windows are short.
            let before = points.lastIndex { $0.time < window.start } ?? -1
            return result(points[(before + 1)...], window)
        }
    }

    private func found(_ selector: Selector, _ value: ([Point]) -> Double?) -> [Labels: Double] {
        var values: [Labels: Double] = [:]
        for (labels, points) in points[selector.metric] ?? [:] where selector.matches(labels) {
            values[labels] = value(points)
        }
        return values
    }
}
