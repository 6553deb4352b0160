import Foundation
import HadalJSON
import HadalRouting

/// When batches run.
public struct BatchSettings: SettingsSection {
    /// As they are written; empty: always.
    public var windows: [String] = []
    public var timeZone = "UTC"

    public init() {}

    static let entries: [Entry<BatchSettings>] = [
        .setting(
            "windows", \.windows, .list(of: .timeWindow), .reload,
            "Lines of batches are begun only then, and while nobody waits for anything else. What is begun is finished. A span "
                + "that passes midnight belongs to the day that it begins on. Without any: always."),
        .setting("time_zone", \.timeZone, .timeZone, .reload, "Where the windows' clock stands."),
    ]

    /// The same, ready to be asked.
    public var timeWindows: [TimeWindow] {
        guard let zone = TimeZone(identifier: timeZone) else { return [] }
        // What could not be read is reported where it was read.
        return windows.compactMap { try? TimeWindow(parsing: $0, zone: zone) }
    }
}

extension ValueType<String> {
    fileprivate static var timeWindow: ValueType {
        .scalar("days, a span of the day, or both", example: "\"Mon-Fri 22:00-06:00\"") { text, _ throws(WrongValue) in
            do throws(TimeWindow.TextProblem) { _ = try TimeWindow(parsing: text, zone: .gmt) } catch {
                throw WrongValue(problem: error.problem, advice: error.advice)
            }
            return text
        } json: {
            .string($0)
        }
    }

    static var timeZone: ValueType {
        .scalar("name of a time zone", example: "Europe/Berlin") { text, _ throws(WrongValue) in
            guard TimeZone(identifier: text) != nil else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no time zone",
                    advice: "write a name such as Asia/Shanghai, Europe/Berlin or UTC")
            }
            return text
        } json: {
            .string($0)
        }
    }
}
