import Foundation

/// What is logged, and where it goes (docs/logs.md).
public struct LogSettings: SettingsSection {
    public enum Level: String, CaseIterable, Sendable, Hashable {
        case trace, debug, info, notice, warning, error, critical
    }
    public enum Format: String, CaseIterable, Sendable, Hashable { case text, json }
    public enum Destination: String, CaseIterable, Sendable, Hashable { case stderr, file, syslog, journal }

    public var level = Level.notice
    public var format = Format.text
    public var to = Destination.stderr
    public var file: String?
    public var rotateBytes = 1 << 30
    public var rotateAge = Duration.seconds(7 * 86_400)

    public init() {}

    static let entries: [Entry<LogSettings>] = [
        .setting(
            "level", \.level, .choice, .reload, environment: "HADAL_LOG",
            "The least important events that are logged. Workers have what HADAL_LOG says when they start."),
        .setting("format", \.format, .choice, .restart, "A line of text an event, or a JSON object a line."),
        .setting(
            "to", \.to, .choice, .restart,
            "Where they go: standard error, a file, the system's syslog (/dev/log), or systemd's journal."),
        .setting(
            "file", \.file, .optional(.path(example: "/var/log/hadal/hadal.log")), .restart,
            "The file; its directory must be there."),
        .setting(
            "rotate_size", \.rotateBytes, .bytes(1 << 16...(1 << 40), example: "1GiB"), .restart,
            "A larger file is put aside, named after the time."),
        .setting(
            "rotate_age", \.rotateAge, .duration(.seconds(60)...(.seconds(3660 * 86_400)), example: "7d"), .restart,
            "An older file is put aside, and what was put aside longer ago is removed."),
    ]

    func check(_ findings: inout Findings) {
        if to == .file, file == nil {
            findings.add("file", "is missing, although to is file", "name it, such as /var/log/hadal/hadal.log")
        }
    }
}
