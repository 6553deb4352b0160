/// How much a counter grew in a window, of which it is known at some points only.
enum CounterIncrease {
    /// Extends what lies between the first point and the last to the window's ends, as Prometheus' `increase` does
    /// (promql/functions.go, extrapolatedRate): to an end that is near, else by half the distance between two points,
    /// and not to before the counter was 0. Where Prometheus takes the mean distance, this takes that of the two points
    /// at the end in question, which with evenly spaced points is the same: ours lie farther apart the older they are.
    /// - Returns: nil with fewer than two points.
    static func extrapolated(_ points: ArraySlice<History.Point>, to window: History.Window) -> Double? {
        guard let first = points.first, let last = points.last, points.count > 1 else { return nil }
        let grown = last.total - first.total
        let seconds = last.time - first.time
        let spacingBefore = points[points.startIndex + 1].time - first.time
        let spacingAfter = last.time - points[points.endIndex - 2].time
        var before = first.time - window.start
        if grown > 0, first.value >= 0 { before = min(before, seconds * (first.value / grown)) }
        let after = window.end - last.time
        let extended =
            seconds + (before < spacingBefore * 1.1 ? before : spacingBefore / 2)
            + (after < spacingAfter * 1.1 ? after : spacingAfter / 2)
        return grown * (extended / seconds)
    }
}
