import Foundation

/// The moment that `strftime_now` shows, as a date and time of day in the proleptic Gregorian calendar.
struct TemplateClock {
    private let seconds: Int
    private let microseconds: Int

    private let year: Int
    private let month: Int
    private let day: Int
    /// From 0, the 1st of January.
    private let dayOfYear: Int
    /// From 0, Sunday.
    private let weekday: Int

    init(_ date: Date, in timeZone: TimeZone) {
        // Beyond year 9999 Python has no dates either.
        let moment = min(max(date.timeIntervalSince1970, -62_135_596_800), 253_402_300_799)
        let offset = timeZone.secondsFromGMT(for: date)
        let whole = moment.rounded(.down)
        microseconds = min(999_999, Int((moment - whole) * 1e6))
        let local = Int(whole) + offset
        let days = Int((Double(local) / 86400).rounded(.down))
        seconds = local - days * 86400
        weekday = ((days + 4) % 7 + 7) % 7
        // Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayFromMarch + 2) / 153
        day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
        dayOfYear = before[month - 1] + (leap && month > 2 ? 1 : 0) + day - 1
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// `datetime.strftime` in the C locale. Directives it does not know stay as they are.
    func formatted(_ format: String) -> String {
        var output = ""
        var scalars = format.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                output.unicodeScalars.append(scalar)
                continue
            }
            guard var directive = scalars.next() else { return output + "%" }
            var padded = true
            if directive == "-" {
                guard let next = scalars.next() else { return output + "%-" }
                directive = next
                padded = false
            }
            output += text(of: directive, padded: padded) ?? (padded ? "%" : "%-") + String(directive)
        }
        return output
    }

    private func text(of directive: Unicode.Scalar, padded: Bool) -> String? {
        func number(_ value: Int, _ width: Int = 2, with filler: String = "0") -> String {
            let digits = String(value)
            return padded ? String(repeating: filler, count: max(0, width - digits.count)) + digits : digits
        }
        let hour = seconds / 3600
        switch directive {
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "A": return Self.weekdays[weekday]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "B": return Self.months[month - 1]
        case "c": return formatted("%a %b %e %H:%M:%S %Y")
        case "C": return number(year / 100)
        case "d": return number(day)
        case "D", "x": return formatted("%m/%d/%y")
        case "e": return number(day, with: " ")
        case "f": return number(microseconds, 6)
        case "F": return formatted("%Y-%m-%d")
        case "H": return number(hour)
        case "I": return number((hour + 11) % 12 + 1)
        case "j": return number(dayOfYear + 1, 3)
        case "k": return number(hour, with: " ")
        case "l": return number((hour + 11) % 12 + 1, with: " ")
        case "m": return number(month)
        case "M": return number(seconds / 60 % 60)
        case "n": return "\n"
        case "p": return hour < 12 ? "AM" : "PM"
        case "r": return formatted("%I:%M:%S %p")
        case "R": return formatted("%H:%M")
        case "S": return number(seconds % 60)
        case "t": return "\t"
        case "T", "X": return formatted("%H:%M:%S")
        case "u": return String(weekday == 0 ? 7 : weekday)
        case "U": return number((dayOfYear + 7 - weekday) / 7)
        case "w": return String(weekday)
        case "W": return number((dayOfYear + 7 - (weekday + 6) % 7) / 7)
        case "y": return number(year % 100)
        case "Y": return String(year)
        // Python's `datetime.now()` knows no zone, so these are empty there.
        case "z", "Z": return ""
        case "%": return "%"
        default: return nil
        }
    }
}
