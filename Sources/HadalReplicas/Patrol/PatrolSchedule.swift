import Foundation

/// When rounds begin: at a time of the day, every so many days.
public struct PatrolSchedule: Sendable {
    private static let halfDay: TimeInterval = 43_200

    /// The next such time of the day after a time.
    private let timeOfDay: @Sendable (_ after: Date) -> Date
    private let every: Duration

    /// - Parameter every: a day or more; what is not whole days is rounded.
    public init(every: Duration, timeOfDay: @escaping @Sendable (_ after: Date) -> Date) {
        (self.every, self.timeOfDay) = (every, timeOfDay)
    }

    /// - Parameter planned: what was found before; nil: nothing.
    /// - Returns: when the next round is due: before now where it was missed.
    func next(_ planned: Date?, now: Date) -> Date {
        let first = timeOfDay(now)
        // A clock that was ahead would put it off for as long, as would what was configured before.
        guard let planned, planned <= first + period else { return first }
        return planned
    }

    /// - Returns: when the round after one that is just begun is due. However many were missed, one is caught up on.
    func following(_ due: Date, now: Date) -> Date {
        timeOfDay(max(due, timeOfDay(now - 2 * Self.halfDay)) + period - Self.halfDay)
    }

    private var period: TimeInterval { TimeInterval(every.components.seconds) }
}
