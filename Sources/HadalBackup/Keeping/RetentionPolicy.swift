import Foundation

/// Which snapshots stay: the last of each of so many days, weeks and months that have one. Times are in UTC.
public struct RetentionPolicy: Sendable, Hashable {
    public var days: Int
    public var weeks: Int
    public var months: Int
    /// Days for which the points between snapshots, and all snapshots, are kept: any time in them can be brought back.
    public var pointDays: Int

    public init(days: Int = 14, weeks: Int = 8, months: Int = 12, pointDays: Int = 7) {
        (self.days, self.weeks, self.months, self.pointDays) = (days, weeks, months, pointDays)
    }

    /// - Returns: snapshots that go, and those whose points go. The last one stays with its points.
    func choose(
        _ snapshots: [SnapshotName], now: Date
    ) -> (snapshots: [SnapshotName], points: [SnapshotName]) {
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        let newestFirst = snapshots.sorted(by: >)
        let recent = now - Double(pointDays) * 86400
        // A snapshot's points go on until the next snapshot, so that the last one from before also has recent points.
        let firstOld = newestFirst.first { $0.time < recent }
        var kept = Set(newestFirst.prefix(1)).union(newestFirst.filter { $0.time >= recent })
        if let firstOld { kept.insert(firstOld) }
        let withPoints = kept
        let rules: [(count: Int, parts: Set<Calendar.Component>)] = [
            (days, [.year, .month, .day]), (weeks, [.yearForWeekOfYear, .weekOfYear]), (months, [.year, .month]),
        ]
        for (count, parts) in rules {
            let groups = Dictionary(grouping: newestFirst) { calendar.dateComponents(parts, from: $0.time) }
            // The last of each that lacks nothing, where there is one.
            let best = groups.values.map { group in group.first { !$0.isPartial } ?? group[0] }
            kept.formUnion(best.sorted(by: >).prefix(count))
        }
        return (snapshots.filter { !kept.contains($0) }, snapshots.filter { !withPoints.contains($0) })
    }
}
