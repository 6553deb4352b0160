import Foundation

extension Date {
    /// `2026-03-01 12:00 UTC`
    var day: String {
        formatted(
            .verbatim(
                "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits) UTC",
                timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    }

    static func + (date: Date, days: Days) -> Date { date.addingTimeInterval(days.seconds) }
}

/// A number of days of 24 hours.
struct Days {
    let count: Int
    var seconds: TimeInterval { TimeInterval(count) * 86400 }

    init(_ count: Int) { self.count = count }
}
