import Foundation
import HadalJSON

/// Backups of the data directory (docs/backup.md).
public struct BackupSettings: SettingsSection {
    /// A directory, or `s3://BUCKET[/PREFIX]`; nil: nothing is backed up.
    public var place: String?
    public var at = "03:00"
    public var timeZone = "UTC"
    public var interval = Duration.seconds(15)
    public var include: [String] = []
    public var exclude: [String] = []
    public var keep = Keep()
    public var s3 = S3AccessSettings()

    public init() {}

    static let entries: [Entry<BackupSettings>] = [
        .setting(
            "place", \.place, .optional(.objectPlace), .restart,
            "Where backups go, encrypted: a directory (of another machine, as mounted) or s3://BUCKET[/PREFIX]. hadal backup "
                + "init makes it ready. Without one nothing is backed up."),
        .setting(
            "at", \.at, .timeOfDay, .restart,
            "When everything is backed up each day; also when the server starts."),
        .setting("time_zone", \.timeZone, .timeZone, .restart, "Where that clock stands."),
        .setting(
            "interval", \.interval, .duration(.seconds(1)...(.seconds(3600)), example: "15s"), .restart,
            "How often what has changed is added, the databases' logs among it: so much is lost at most where the disk is."
        ),
        .setting(
            "include", \.include, .list(of: .path(example: "/etc/hadal")), .restart,
            "Directories and files that are backed up beside the data directory, the configuration file and the rules."),
        .setting(
            "exclude", \.exclude, .list(of: .text("name", example: "models")), .restart,
            "Directories in the data directory that are left out, as paths in it."),
        .group("keep", \.keep),
        .group("s3", \.s3),
    ]

    func check(_ findings: inout Findings) {
        for name in exclude where name.hasPrefix("/") || name.split(separator: "/").contains("..") {
            findings.add("exclude", "\(quoted(name)) is no path in the data directory", "write one such as models")
        }
    }

    /// Which backups stay.
    public struct Keep: SettingsSection {
        public var days = 14
        public var weeks = 8
        public var months = 12
        public var pointDays = 7

        public init() {}

        static let entries: [Entry<Keep>] = [
            .setting(
                "days", \.days, .count(0...3660, example: "14"), .restart, "Days of which the last backup is kept."),
            .setting(
                "weeks", \.weeks, .count(0...520, example: "8"), .restart, "Weeks of which the last backup is kept."),
            .setting(
                "months", \.months, .count(0...120, example: "12"), .restart, "Months of which the last backup is kept."
            ),
            .setting(
                "point_days", \.pointDays, .count(1...365, example: "7"), .restart,
                "Days of which any moment can be brought back."),
        ]
    }
}

extension ValueType<String> {
    static var timeOfDay: ValueType {
        .scalar("time of the day", example: "\"03:00\"") { text, _ throws(WrongValue) in
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }),
                let hour = UInt8(parts[0]), let minute = UInt8(parts[1]), hour < 24, minute < 60
            else {
                throw WrongValue(
                    problem: "\(quoted(text)) is no time of the day", advice: "write one such as \"03:00\"")
            }
            return text
        } json: {
            .string($0)
        }
    }
}
