/// What is looked for in what goes in and out, and what is kept of it. A tenant's own settings replace these whole.
public struct ContentSettings: SettingsSection {
    public var dryRun = false
    public var privacy = PrivacySettings()
    public var firewall = FirewallSettings()
    public var cache = CacheSettings()
    public var record = RecordSettings()

    public init() {}

    static let entries: [Entry<ContentSettings>] = [
        .setting(
            "dry_run", \.dryRun, .boolean, .reload,
            "Whether verdicts on contents are only recorded, and nothing is masked, replaced or refused."),
        .group("privacy", \.privacy),
        .group("firewall", \.firewall),
        .group("cache", \.cache),
        .group("record", \.record),
    ]
}

/// The settings of one tenant.
public struct TenantContentSettings: SettingsSection {
    public var tenant = ""
    public var content = ContentSettings()

    public init() {}

    static let entries: [Entry<TenantContentSettings>] = [
        .setting(
            "tenant", \.tenant, .text("tenant", example: "research"), .reload, shownDefault: "must be given",
            "The tenant that these settings are for."),
        .group("content", \.content),
    ]

    func check(_ findings: inout Findings) {
        if tenant.isEmpty { findings.add("tenant", "no tenant is named", "write 'tenant: NAME'") }
    }
}

/// Personal data (docs/content.md).
public struct PrivacySettings: SettingsSection {
    public enum Action: String, CaseIterable, Sendable, Hashable { case ignore, log, mask, redact, block }
    public enum Confidence: String, CaseIterable, Sendable, Hashable { case doubtful, form, context, checked }

    /// What `kinds` may name, as HadalPrivacy calls it.
    public static let kinds = [
        "resident_id", "hong_kong_id", "travel_permit", "passport", "phone", "bank_card", "plate", "credit_code",
        "name",
        "address", "email", "iban", "ssn", "ip", "secret", "url_credentials", "wallet",
    ]

    public var request = Direction()
    public var response = Direction()

    public init() {}

    static let entries: [Entry<PrivacySettings>] = [.group("request", \.request), .group("response", \.response)]

    public struct Direction: SettingsSection {
        public var action = Action.ignore
        public var kinds: [String: Action] = [:]
        public var minimum = Confidence.form

        public init() {}

        static let entries: [Entry<Direction>] = [
            .setting(
                "action", \.action, .choice, .reload,
                "What is done with personal data: ignore, log (recorded only), mask (placeholders that are put back in "
                    + "the answer; in answers the same as redact), redact (for good), block (the text is refused)."),
            .setting(
                "kinds", \.kinds, .map(to: .choice, name: "kinds and actions", example: "{email: log, name: ignore}"),
                .reload, "Kinds with an action of their own: " + PrivacySettings.kinds.joined(separator: ", ") + "."),
            .setting(
                "minimum", \.minimum, .choice, .reload,
                "How sure a finding must be: doubtful (looks like it), form (hardly anything else looks so), context (a "
                    + "word beside it says so), checked (check digits prove it)."),
        ]

        func check(_ findings: inout Findings) {
            for kind in kinds.keys.sorted() where !PrivacySettings.kinds.contains(kind) {
                findings.add(
                    "kinds.\(kind)", "there is no such kind of personal data",
                    Suggestion.advice(for: kind, among: PrivacySettings.kinds))
            }
        }
    }
}

/// Attacks on prompts (docs/content.md).
public struct FirewallSettings: SettingsSection {
    public var enabled = false
    public var user = Thresholds()
    public var untrusted = Thresholds()
    public var canary = false
    public var leaks = LeakAction.flag

    public enum LeakAction: String, CaseIterable, Sendable, Hashable { case ignore, flag, block }

    public init() {
        user.flag = 30
        user.block = 50
        untrusted.flag = 50
        untrusted.block = 70
    }

    static let entries: [Entry<FirewallSettings>] = [
        .setting("enabled", \.enabled, .boolean, .reload, "Whether prompts are searched for attacks."),
        .group("user", \.user),
        .group("untrusted", \.untrusted),
        .setting(
            "canary", \.canary, .boolean, .reload,
            "Whether system prompts get a marker by which it is seen that an answer gives them away. The marker differs "
                + "with each request, so such requests share no cached prefix, and are answered by no cache."),
        .setting(
            "leaks", \.leaks, .choice, .reload,
            "What is done with an answer that gives its system prompt away: nothing, a note, or an end."),
    ]

    /// Percents of certainty; `untrusted` is for results of tools.
    public struct Thresholds: SettingsSection {
        public var flag: Int?
        public var review: Int?
        public var block: Int?

        public init() {}

        static let entries: [Entry<Thresholds>] = [
            .setting(
                "flag", \.flag, .optional(.count(0...100, example: "30")), .reload,
                "From which score on (0 to 100) a prompt is noted."),
            .setting(
                "review", \.review, .optional(.count(0...100, example: "40")), .reload,
                "From which score on a prompt is held back until somebody has allowed it (hadal reviews)."),
            .setting(
                "block", \.block, .optional(.count(0...100, example: "50")), .reload,
                "From which score on a prompt is refused."),
        ]
    }
}

/// Answers that are given again.
public struct CacheSettings: SettingsSection {
    public var lifetime = Duration.zero
    public var semanticModel: String?
    public var similarity = 97

    public init() {}

    static let entries: [Entry<CacheSettings>] = [
        .setting(
            "lifetime", \.lifetime, .duration(.zero...(.seconds(30 * 86_400)), example: "1h"), .reload,
            "How long an answer to a deterministic request (temperature 0, or a seed) is given again to the same request "
                + "of the same tenant; 0s: never."),
        .setting(
            "semantic_model", \.semanticModel, .optional(.text("served embedding model", example: "bge-m3")), .reload,
            "An embedding model by which the last message may differ in its words; without: it must be the same."),
        .setting(
            "similarity", \.similarity, .count(50...100, example: "97"), .reload,
            "How similar it must be: the cosine of the two vectors, in percent."),
    ]
}

/// What the audit trail keeps of each request.
public struct RecordSettings: SettingsSection {
    public enum Text: String, CaseIterable, Sendable, Hashable { case none, hash, masked, full }

    public var input = Text.none
    public var output = Text.none
    public var durable = false

    public init() {}

    static let entries: [Entry<RecordSettings>] = [
        .setting(
            "input", \.input, .choice, .reload,
            "What is kept of prompts: nothing, a keyed hash, the text with personal data masked, or the whole text."),
        .setting("output", \.output, .choice, .reload, "What is kept of answers, likewise."),
        .setting(
            "durable", \.durable, .boolean, .reload,
            "Whether the record is on the disk (fsync) before the answer is complete."),
    ]
}
