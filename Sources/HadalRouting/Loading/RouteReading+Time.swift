import Foundation
import HadalJSON

extension RouteReading {
    /// One window or a list of them.
    mutating func windows(_ fields: Fields, _ zone: TimeZone) -> [TimeWindow] {
        guard let value = fields["time"] else { return [] }
        let path = fields.path(of: "time")
        guard let items = value.array else { return window(value, path, zone).map { [$0] } ?? [] }
        if items.isEmpty { report(path, "the list is empty", "write at least one window, or remove it") }
        return items.enumerated().compactMap { index, item in window(item, "\(path)[\(index)]", zone) }
    }

    private mutating func window(_ value: JSON, _ path: String, _ zone: TimeZone) -> TimeWindow? {
        guard let fields = fields(value, path, known: ["from", "to", "days", "zone"]) else { return nil }
        var window = TimeWindow(zone: timeZone(fields, "zone") ?? zone)
        if let value = fields["days"] {
            let path = fields.path(of: "days")
            for text in texts(value, path) {
                if let day = TimeWindow.dayNames.firstIndex(of: text) {
                    window.weekdays.insert(day)
                } else {
                    report(path, "'\(text)' is no day", "write \(TimeWindow.dayNames.joined(separator: ", "))")
                }
            }
        }
        let (from, to) = (minute(fields, "from"), minute(fields, "to"))
        if (fields["from"] == nil) != (fields["to"] == nil) {
            report(path, "a span has two ends", "write both from and to")
        } else if fields["from"] == nil, fields["days"] == nil {
            report(path, "no time is given", "write from and to, days, or all of them")
        } else if let from, let to {
            if from == to { report(path, "from and to are the same", "write different ones, or only days") }
            window.minutes = TimeWindow.Span(from: from, to: to)
        }
        return window
    }

    /// Of the day; 24:00 is its end.
    private mutating func minute(_ fields: Fields, _ name: String) -> Int? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let minute = TimeWindow.minute(text, isEnd: name == "to") { return minute }
        report(fields.path(of: name), "'\(text)' is no time of day", "write such as \"06:30\" or \"22:00\", in quotes")
        return nil
    }

    mutating func timeZone(_ fields: Fields, _ name: String) -> TimeZone? {
        guard let value = fields[name], let text = text(value, fields.path(of: name)) else { return nil }
        if let zone = TimeZone(identifier: text) { return zone }
        report(
            fields.path(of: name), "'\(text)' is no time zone",
            "write a name such as Asia/Shanghai, Europe/Berlin or UTC")
        return nil
    }
}
