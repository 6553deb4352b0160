/// What is logged, to standard error.
public struct LogSettings: SettingsSection {
    public enum Level: String, CaseIterable, Sendable, Hashable {
        case trace, debug, info, notice, warning, error, critical
    }
    public enum Format: String, CaseIterable, Sendable, Hashable { case text, json }

    public var level = Level.notice
    public var format = Format.text

    public init() {}

    static let entries: [Entry<LogSettings>] = [
        .setting(
            "level", \.level, .choice, .reload, environment: "HADAL_LOG",
            "The least important events that are logged. Workers have what HADAL_LOG says when they start."),
        .setting("format", \.format, .choice, .restart, "A line of text an event, or a JSON object a line."),
    ]
}
