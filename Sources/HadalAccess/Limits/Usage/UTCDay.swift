/// A day of the calendar in UTC. Quotas begin anew with days and months in UTC, whatever the machine's time zone is:
/// they are the same on all machines, and no day has 23 or 25 hours.
public struct UTCDay: Sendable, Hashable, Comparable {
    static let microseconds = 86_400_000_000

    /// Days since 1970-01-01.
    public let number: Int

    public init(number: Int) { self.number = number }

    /// - Parameter time: in µs since 1970-01-01 00:00 UTC.
    init(at time: Int) {
        let (whole, part) = time.quotientAndRemainder(dividingBy: UTCDay.microseconds)
        number = part < 0 ? whole - 1 : whole
    }

    public init(year: Int, month: Int, day: Int) {
        // Howard Hinnant's days_from_civil: years begin in March, so that the leap day is the last of a year.
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        number = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// - Parameter text: `2026-11-01`.
    /// - Throws: `LimitError.badDay`, also where no calendar has the day.
    public init(parsing text: String) throws(LimitError) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let digits = parts.allSatisfy { $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }
        guard digits, parts.map(\.utf8.count) == [4, 2, 2] else { throw .badDay(text) }
        let numbers = parts.compactMap { Int($0) }
        guard numbers.count == 3, numbers[0] >= 1970, (1...12).contains(numbers[1]), (1...31).contains(numbers[2])
        else {
            throw .badDay(text)
        }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
        guard description == text else { throw .badDay(text) }
    }

    var civil: (year: Int, month: Int, day: Int) {
        // civil_from_days, the inverse.
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    /// In µs since 1970.
    var start: Int { number * UTCDay.microseconds }

    public var next: UTCDay { UTCDay(number: number + 1) }

    public static func < (left: UTCDay, right: UTCDay) -> Bool { left.number < right.number }
}

extension UTCDay: CustomStringConvertible {
    /// `2026-11-01`.
    public var description: String {
        let (year, month, day) = civil
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// A stretch of time for which a quota counts: a day or a month of the calendar in UTC.
enum UsagePeriod: Sendable, Hashable {
    case day(UTCDay)
    /// By its first day.
    case month(UTCDay)

    static func month(of day: UTCDay) -> UsagePeriod {
        let (year, month, _) = day.civil
        return .month(UTCDay(year: year, month: month, day: 1))
    }

    var first: UTCDay {
        switch self {
        case .day(let day), .month(let day): day
        }
    }

    /// The first day after it.
    var end: UTCDay {
        switch self {
        case .day(let day): return day.next
        case .month(let first):
            let (year, month, _) = first.civil
            return month == 12 ? UTCDay(year: year + 1, month: 1, day: 1) : UTCDay(year: year, month: month + 1, day: 1)
        }
    }

    /// As it stands in SQLite: `2026-11-01`, `2026-11`.
    var text: String {
        switch self {
        case .day(let day): day.description
        case .month(let day): String(day.description.dropLast(3))
        }
    }
}
