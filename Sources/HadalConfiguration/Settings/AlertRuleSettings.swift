/// What is to be otherwise of a built-in rule.
public struct AlertRuleOverride: SettingsSection {
    public var name = ""
    public var enabled = true
    public var warning: Double?
    public var serious: Double?
    public var critical: Double?
    public var holds: Duration?
    public var action = AlertActionSettings()

    public init() {}

    private static let values = 0.0...1e15

    static let entries: [Entry<AlertRuleOverride>] = [
        .setting(
            "name", \.name, .text("name", example: "HadalQueueWait"), .restart, shownDefault: "must be given",
            "Which rule."),
        .setting("enabled", \.enabled, .boolean, .restart, "Whether it is looked at."),
        .setting(
            "warning", \.warning, .optional(.number(values, example: "0.8")), .restart,
            "From which value on it is a warning. Where one level is given, the rule has only those that are."),
        .setting(
            "serious", \.serious, .optional(.number(values, example: "0.9")), .restart,
            "From which value on it is serious."),
        .setting(
            "critical", \.critical, .optional(.number(values, example: "0.95")), .restart,
            "From which value on it is critical."),
        .setting(
            "for", \.holds, .optional(.duration(.zero...(.seconds(7 * 86_400)), example: "5m")), .restart,
            "How long it has to be so."),
        .group("action", \.action),
    ]

    func check(_ findings: inout Findings) {
        if name.isEmpty { findings.add("name", "is missing", "name a rule, such as HadalQueueWait") }
    }
}

/// A rule that the organisation has written.
public struct OwnAlertRule: SettingsSection {
    public enum Unit: String, CaseIterable, Sendable, Hashable { case number, share, seconds, bytes }

    public var name = ""
    public var query = ""
    public var above = AlertLevelSettings()
    public var below = AlertLevelSettings()
    public var holds = Duration.zero
    public var unit = Unit.number
    public var summary: String?
    public var advice: String?
    public var action = AlertActionSettings()

    public init() {}

    static let entries: [Entry<OwnAlertRule>] = [
        .setting(
            "name", \.name, .text("name", example: "LongQueue"), .restart, shownDefault: "must be given",
            "What it is called: letters, digits and _."),
        .setting(
            "query", \.query, .text("query", example: "max by (model) (hadal_engine_sequences_waiting)"), .restart,
            shownDefault: "must be given", "What it looks at, in PromQL (docs/alerts.md says how much of it)."),
        .group("above", \.above),
        .group("below", \.below),
        .setting(
            "for", \.holds, .duration(.zero...(.seconds(7 * 86_400)), example: "5m"), .restart,
            "How long it has to be so."),
        .setting("unit", \.unit, .choice, .restart, "What its values are, for people to read; a share of 1 is all."),
        .setting(
            "summary", \.summary, .optional(.text("sentence", example: "'{value} requests wait for {model}.'")),
            .restart,
            shownDefault: "its name and value", "What people are told; {value}, and its labels' values."),
        .setting(
            "advice", \.advice, .optional(.text("sentence", example: "Ask who sends so many.")), .restart,
            "What they are to do."),
        .group("action", \.action),
    ]

    func check(_ findings: inout Findings) {
        if name.isEmpty { findings.add("name", "is missing", "write 'name: NAME'") }
        if query.isEmpty { findings.add("query", "is missing", "write 'query: METRIC', or more in PromQL") }
        if above.isEmpty == below.isEmpty {
            let problem = above.isEmpty ? "no level is given" : "below is given as well"
            findings.add("above", problem, "write one of 'above: {warning: NUMBER}' and 'below: {warning: NUMBER}'")
        }
    }
}

/// From which value on a rule is at a level.
public struct AlertLevelSettings: SettingsSection {
    public var warning: Double?
    public var serious: Double?
    public var critical: Double?

    public init() {}

    public var isEmpty: Bool { self == Self() }

    private static let values = 0.0...1e15

    static let entries: [Entry<AlertLevelSettings>] = [
        .setting(
            "warning", \.warning, .optional(.number(values, example: "50")), .restart, "Beyond it, it is a warning."),
        .setting(
            "serious", \.serious, .optional(.number(values, example: "100")), .restart, "Beyond it, it is serious."),
        .setting(
            "critical", \.critical, .optional(.number(values, example: "200")), .restart, "Beyond it, it is critical."),
    ]
}

/// What is done about an alert by itself.
public struct AlertActionSettings: SettingsSection {
    public enum Kind: String, CaseIterable, Sendable, Hashable { case restart, drain, shed, rollback }

    public var kind: Kind?
    public var from = AlertChannelSettings.Level.critical
    public var coolDown = Duration.seconds(300)
    public var perHour = 3

    public init() {}

    static let entries: [Entry<AlertActionSettings>] = [
        .setting(
            "do", \.kind, .optional(.choice), .restart,
            "Restart the model's worker, keep new requests from it (drain), refuse requests of low priority (shed), or roll "
                + "the release back. Drain and shed end with the alert."),
        .setting("from", \.from, .choice, .restart, "The least level at which that is done."),
        .setting(
            "cooldown", \.coolDown, .duration(.zero...(.seconds(3600)), example: "10m"), .restart,
            "Between two times, for the same rule and labels."),
        .setting(
            "per_hour", \.perHour, .count(1...60, example: "2"), .restart,
            "So often at most within an hour, for the same rule and labels."),
    ]

    func check(_ findings: inout Findings) {
        if kind == nil, self != Self() {
            findings.add("do", "is missing", "write what is to be done: restart, drain, shed or rollback")
        }
    }
}
