import Foundation
import HadalBackup
import HadalJSON
import HadalStore

extension BackupWriter.Report {
    var json: JSON {
        [
            "snapshot": .string("\(snapshot)"), "time": .string(time.precise), "files": .int(Int64(files)),
            "bytes": .int(bytes), "newBytes": .int(newBytes), "seconds": .double(seconds),
            "problems": .array(problems.map(JSON.string)),
        ]
    }
}

extension BackupState {
    var json: JSON {
        .compact([
            ("place", .string(place)), ("isWaiting", .bool(isWaiting)),
            ("snapshot", snapshot.map { .string("\($0)") }), ("safeUntil", safeUntil.map { .string($0.precise) }),
            ("points", .int(Int64(points))), ("writtenBytes", .int(writtenBytes)), ("failures", .int(Int64(failures))),
            ("problems", .array(problems.map(JSON.string))),
            ("nextSnapshot", nextSnapshot.map { .string($0.precise) }),
        ])
    }
}

extension Date {
    /// `2026-11-29T03:00:00.123Z`.
    var precise: String {
        // Rounded as in names: cut off, it would be a moment before.
        Date(timeIntervalSince1970: (timeIntervalSince1970 * 1000).rounded() / 1000 + 0.0001).formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// As `precise`, without the fraction, or a number of minutes, hours or days ago: `90m`, `12h`, `2d`.
    static func parse(_ text: String, now: Date = Date()) -> Date? {
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) {
            return date
        }
        guard let unit = text.last, let factor = ["s": 1.0, "m": 60, "h": 3600, "d": 86400][String(unit)],
            let count = Int(text.dropLast()), count >= 0
        else { return nil }
        return now - Double(count) * factor
    }
}
