/// The audit trail (docs/audit.md).
public struct AuditSettings: SettingsSection {
    public enum FailurePolicy: String, CaseIterable, Sendable, Hashable {
        case refuse
        case goOn = "go_on"
    }

    public var enabled = true
    public var onFailure = FailurePolicy.refuse
    public var reserve = 64 << 20
    public var retention = Retention()

    public init() {}

    static let entries: [Entry<AuditSettings>] = [
        .setting(
            "enabled", \.enabled, .boolean, .restart,
            "Whether requests and acts are recorded in DATA/audit."),
        .setting(
            "on_failure", \.onFailure, .choice, .restart,
            "What happens where nothing can be recorded, as on a full disk: requests are refused, or go on unrecorded "
                + "(how many is recorded later)."),
        .setting(
            "reserve", \.reserve, .bytes(0...(1 << 40), example: "64MiB"), .restart,
            "So much is left free on the disk: before that, recording fails."),
        .group("retention", \.retention),
    ]

    /// How long things are kept.
    public struct Retention: SettingsSection {
        public var requests = days(180)
        public var acts = days(180)
        public var contents = days(7)

        public init() {}

        static let entries: [Entry<Retention>] = [
            .setting("requests", \.requests, .duration(range, example: "180d"), .restart, "Records of requests."),
            .setting(
                "acts", \.acts, .duration(range, example: "365d"), .restart, "Records of acts and of the server itself."
            ),
            .setting(
                "contents", \.contents, .duration(range, example: "7d"), .restart, "Texts of prompts and answers."),
        ]

        private static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }
        private static var range: ClosedRange<Duration> { .seconds(3600)...days(36_500) }
    }
}
