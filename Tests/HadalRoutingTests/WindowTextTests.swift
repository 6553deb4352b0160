import Foundation
import HadalRouting
import Testing

/// Windows as people write them. 2026-11-02 is a Monday.
@Suite struct WindowTextTests {
    private static func window(_ text: String, _ zone: String = "UTC") throws -> TimeWindow {
        try TimeWindow(parsing: text, zone: try #require(TimeZone(identifier: zone)))
    }

    private static func date(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(
        arguments: [
            ("Mon-Fri 22:00-06:00", "2026-11-02T22:00:00Z", true),
            ("Mon-Fri 22:00-06:00", "2026-11-02T21:59:59Z", false),
            // The night belongs to the day that it begins on.
            ("Mon-Fri 22:00-06:00", "2026-11-07T05:59:59Z", true),
            ("Mon-Fri 22:00-06:00", "2026-11-07T06:00:00Z", false),
            ("Mon-Fri 22:00-06:00", "2026-11-02T05:00:00Z", false),
            ("Mon-Fri 22:00-06:00", "2026-11-07T22:30:00Z", false),
            ("Sat,Sun", "2026-11-07T00:00:00Z", true), ("Sat,Sun", "2026-11-08T23:59:59Z", true),
            ("Sat,Sun", "2026-11-09T00:00:00Z", false), ("01:00-05:30", "2026-11-04T05:29:59Z", true),
            ("01:00-05:30", "2026-11-04T05:30:00Z", false), ("20:00-24:00", "2026-11-04T23:59:59Z", true),
            ("20:00-24:00", "2026-11-05T00:00:00Z", false), ("Fri-Mon", "2026-11-08T12:00:00Z", true),
            ("Fri-Mon", "2026-11-10T12:00:00Z", false), ("tue 00:00-01:00", "2026-11-03T00:30:00Z", true),
        ])
    func aTimeIsInOrOut(text: String, time: String, isIn: Bool) throws {
        #expect(try Self.window(text).contains(try Self.date(time)) == isIn)
    }

    /// In Berlin the clock goes on by an hour at 01:00 UTC on 2026-03-29, a Sunday, and back on 2026-10-25.
    @Test(arguments: [
        ("22:00-06:00", "2026-03-28T21:00:00Z", true), ("22:00-06:00", "2026-03-28T20:59:59Z", false),
        ("22:00-06:00", "2026-03-29T03:59:59Z", true), ("22:00-06:00", "2026-03-29T04:00:00Z", false),
        // The hour that there is not.
        ("02:00-03:00", "2026-03-29T00:59:59Z", false), ("02:00-03:00", "2026-03-29T01:00:00Z", false),
        // The hour that there is twice.
        ("02:00-03:00", "2026-10-25T00:30:00Z", true), ("02:00-03:00", "2026-10-25T01:30:00Z", true),
        ("Sun 22:00-23:00", "2026-10-25T21:30:00Z", true), ("Sun 22:00-23:00", "2026-10-25T20:30:00Z", false),
    ])
    func theClockOfAPlaceCounts(text: String, time: String, isIn: Bool) throws {
        #expect(try Self.window(text, "Europe/Berlin").contains(try Self.date(time)) == isIn)
    }

    @Test(arguments: [
        "", " ", "Mon-Fri 22:00", "Mo", "Mon-", "-Fri", "Mon-Tue-Wed", "Mon,,Tue", "22:00-22:00", "22-06",
        "24:00-01:00",
        "10:00-24:01", "1:5-2:00", "10:60-11:00", "Mon 10:00-11:00 UTC", "10:00-11:00 Mon", "٢٢:00-06:00", "always",
        "10:00-11:00-12:00",
    ])
    func whatIsNoWindowIsRefused(text: String) throws {
        do throws(TimeWindow.TextProblem) {
            let window = try TimeWindow(parsing: text, zone: .gmt)
            Issue.record("\(window)")
        } catch {
            #expect(error.problem.hasPrefix("'\(text)': ") && error.advice.contains("Mon-Fri 22:00-06:00"))
        }
    }

    @Test func whatIsWrittenIsRead() throws {
        for text in ["mon,tue,fri 22:00-06:00 GMT", "sat GMT", "01:05-24:00 GMT"] {
            #expect(try Self.window(String(text.dropLast(4))).description == text)
        }
    }
}
