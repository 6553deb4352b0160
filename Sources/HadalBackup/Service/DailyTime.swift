import Foundation

/// A time of the day, `03:00`, in a time zone.
public struct DailyTime: Sendable, Hashable {
    public let hour: Int
    public let minute: Int
    public let zone: TimeZone

    /// nil: not as `03:00`.
    public init?(_ text: String, zone: TimeZone) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { return nil }
        (self.hour, self.minute, self.zone) = (hour, minute, zone)
    }

    /// Where the clock skips it or has it twice, once all the same.
    public func next(after time: Date) -> Date {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.nextDate(
            after: time, matching: DateComponents(hour: hour, minute: minute), matchingPolicy: .nextTime)
            ?? time + 86400
    }
}
