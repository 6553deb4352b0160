import Foundation

extension TimeWindow {
    /// What is wrong with a window as people write it.
    public struct TextProblem: Error, Sendable, Hashable {
        public let problem: String
        public let advice: String
    }

    /// Days, a span or both: `Mon-Fri 22:00-06:00`, `Sat,Sun`, `01:00-05:30`. Days may pass the end of the week (`Fri-Mon`).
    public init(parsing text: String, zone: TimeZone) throws(TextProblem) {
        let advice = "write such as \"Mon-Fri 22:00-06:00\", \"Sat,Sun\" or \"01:00-05:30\", in quotes"
        func wrong(_ problem: String) -> TextProblem { TextProblem(problem: "'\(text)': \(problem)", advice: advice) }
        var parts = text.split(separator: " ").map(String.init)[...]
        self.init(zone: zone)
        if let first = parts.first, first.first?.isLetter == true {
            parts.removeFirst()
            for item in first.split(separator: ",", omittingEmptySubsequences: false) {
                let ends = item.split(separator: "-", omittingEmptySubsequences: false)
                let days = ends.compactMap { end in Self.dayNames.firstIndex(of: end.lowercased()) }
                guard (1...2).contains(ends.count), days.count == ends.count else {
                    throw wrong("'\(item)' is no day, and no days from one to another")
                }
                var day = days[0]
                weekdays.insert(day)
                while day != days[days.count - 1] {
                    day = (day + 1) % 7
                    weekdays.insert(day)
                }
            }
        }
        if let span = parts.popFirst() {
            let ends = span.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let from = Self.minute(ends[0]), let to = Self.minute(ends[1], isEnd: true) else {
                throw wrong("'\(span)' is no span of a day")
            }
            guard from != to else { throw wrong("the span has no length; leave it out for the whole day") }
            minutes = Span(from: from, to: to)
        }
        guard parts.isEmpty, !weekdays.isEmpty || minutes != nil else { throw wrong("this is no window of time") }
    }

    /// Of the day; 24:00 is its end.
    static func minute(_ text: some StringProtocol, isEnd: Bool = false) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { (1...2).contains($0.utf8.count) && $0.allSatisfy { "0"..."9" ~= $0 } }
        guard areDigits, parts.count == 2, parts[1].utf8.count == 2, let hour = Int(parts[0]),
            let minute = Int(parts[1]), minute < 60, hour < 24 || (hour == 24 && minute == 0 && isEnd)
        else { return nil }
        return hour * 60 + minute
    }
}
