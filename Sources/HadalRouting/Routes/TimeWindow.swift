import Foundation

/// A part of the week in a time zone.
public struct TimeWindow: Sendable, Hashable, CustomStringConvertible {
    /// Monday first, as `weekdays` are numbered.
    public static let dayNames = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    /// 0 for Monday; empty for all.
    public var weekdays: Set<Int>
    /// Minutes of the day, the first and the one after the last. Where the first is later, the window passes midnight
    /// and belongs to the day that it began on. nil for the whole day.
    public var minutes: Span?
    public var zone: TimeZone

    public struct Span: Sendable, Hashable {
        public var from: Int
        public var to: Int

        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    public init(weekdays: Set<Int> = [], minutes: Span? = nil, zone: TimeZone) {
        self.weekdays = weekdays
        self.minutes = minutes
        self.zone = zone
    }

    public func contains(_ time: Date) -> Bool {
        let local = Int(time.timeIntervalSince1970.rounded(.down)) + zone.secondsFromGMT(for: time)
        let daysSince1970 = (local - Self.modulo(local, 86_400)) / 86_400
        let minute = Self.modulo(local, 86_400) / 60
        // The first of January 1970 was a Thursday.
        var day = Self.modulo(daysSince1970 + 3, 7)
        if let minutes {
            if minutes.from < minutes.to {
                guard minute >= minutes.from, minute < minutes.to else { return false }
            } else if minute < minutes.to {
                day = Self.modulo(day - 1, 7)
            } else if minute < minutes.from {
                return false
            }
        }
        return weekdays.isEmpty || weekdays.contains(day)
    }

    public var description: String {
        let days = weekdays.sorted().map { Self.dayNames[$0] }.joined(separator: ",")
        let span = minutes.map { "\(Self.text($0.from))-\(Self.text($0.to))" }
        return [days.isEmpty ? nil : days, span, zone.identifier].compactMap(\.self).joined(separator: " ")
    }

    private static func modulo(_ value: Int, _ divisor: Int) -> Int { (value % divisor + divisor) % divisor }

    private static func text(_ minute: Int) -> String {
        let (hour, rest) = (minute / 60, minute % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest)"
    }
}
