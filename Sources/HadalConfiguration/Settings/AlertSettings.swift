/// What people are told of without being asked (docs/alerts.md).
public struct AlertSettings: SettingsSection {
    public var enabled = true
    public var interval = Duration.seconds(15)
    public var repeatAfter = Duration.seconds(4 * 3600)
    public var availability: Double? = 0.999
    public var latency: Duration?
    public var latencyShare = 0.99
    public var firstToken: Duration?
    public var queueWait: Duration? = .seconds(30)
    public var backupLag: Duration? = .seconds(3600)
    public var rules: [AlertRuleOverride] = []
    public var own: [OwnAlertRule] = []
    public var channels: [AlertChannelSettings] = []

    public init() {}

    private static let seconds: ClosedRange<Duration> = .milliseconds(1)...(.seconds(30 * 86_400))

    static let entries: [Entry<AlertSettings>] = [
        .setting(
            "enabled", \.enabled, .boolean, .restart,
            "Whether the server looks at its own metrics. What fires is listed (hadal alerts) and goes to the channels."
        ),
        .setting(
            "interval", \.interval, .duration(.seconds(5)...(.seconds(300)), example: "15s"), .restart,
            "How often it looks."),
        .setting(
            "repeat", \.repeatAfter, .duration(.seconds(60)...(.seconds(30 * 86_400)), example: "4h"), .restart,
            "What still fires is told again after so long."),
        .setting(
            "availability", \.availability, .optional(.number(0.5...0.99999, example: "0.999")), .restart,
            "The share of requests and answers that must not fail; alerts come where it is used up too fast."),
        .setting(
            "latency", \.latency, .optional(.duration(seconds, example: "2s")), .restart,
            "How soon an answer's first token is to come; alerts come where too many are later."),
        .setting(
            "latency_share", \.latencyShare, .number(0.5...0.9999, example: "0.99"), .restart,
            "The share of answers for which latency counts."),
        .setting(
            "first_token", \.firstToken, .optional(.duration(seconds, example: "10s")), .restart,
            "A limit for the time to first token of 99 in 100 answers."),
        .setting(
            "queue_wait", \.queueWait, .optional(.duration(seconds, example: "30s")), .restart,
            "A limit for how long 99 in 100 answers wait to be begun."),
        .setting(
            "backup_lag", \.backupLag, .optional(.duration(seconds, example: "1h")), .restart,
            "A limit for how far the backup may be behind."),
        .groups(
            "rules", \.rules, .restart, example: "[{name: HadalQueueWait, for: 10m}]",
            "Changes of built-in rules (docs/alerts.md lists them)."),
        .groups(
            "own", \.own, .restart,
            example: "[{name: LongQueue, query: hadal_engine_sequences_waiting, above: {warning: 50}}]",
            "Further rules, over any metric of docs/metrics.md."),
        .groups(
            "channels", \.channels, .restart,
            example: "[{name: ops, kind: command, command: [/usr/local/bin/page]}]", "Whom they are told to."),
    ]

    func check(_ findings: inout Findings) {
        var names: Set<String> = []
        for (index, channel) in channels.enumerated() where !names.insert(channel.name).inserted {
            findings.add(
                "channels[\(index)].name", "\(quoted(channel.name)) is there already", "give each its own name")
        }
    }
}

/// Somebody who is told.
public struct AlertChannelSettings: SettingsSection {
    public enum Kind: String, CaseIterable, Sendable, Hashable { case webhook, feishu, dingtalk, wecom, mail, command }
    public enum Level: String, CaseIterable, Sendable, Hashable { case warning, serious, critical }
    public enum Security: String, CaseIterable, Sendable, Hashable { case tls, starttls, plain }

    public var name = ""
    public var kind = Kind.webhook
    public var from = Level.warning
    /// With its token where the robot has one there.
    public var urlFile: String?
    public var urlEnvironment: String?
    public var secretFile: String?
    public var secretEnvironment: String?
    public var host = ""
    public var port = 587
    public var security = Security.starttls
    public var user: String?
    public var passwordFile: String?
    public var passwordEnvironment: String?
    public var sender = ""
    public var to: [String] = []
    public var command: [String] = []
    public var tlsCA: String?

    public init() {}

    public var url: SecretSource { SecretSource(file: urlFile, environmentVariable: urlEnvironment) }
    public var secret: SecretSource { SecretSource(file: secretFile, environmentVariable: secretEnvironment) }
    public var password: SecretSource { SecretSource(file: passwordFile, environmentVariable: passwordEnvironment) }

    static let entries: [Entry<AlertChannelSettings>] = [
        .setting(
            "name", \.name, .text("name", example: "ops"), .restart, shownDefault: "must be given", "What it is called."
        ),
        .setting(
            "kind", \.kind, .choice, .restart,
            "A webhook, a robot of Feishu, DingTalk or WeCom, mail, or a command that reads JSON."),
        .setting("from", \.from, .choice, .restart, "The least level that it is told of."),
        .secret(
            "url", \.urlFile, \.urlEnvironment, .restart,
            "the address of a webhook or robot, which may have a token in it"),
        .secret(
            "secret", \.secretFile, \.secretEnvironment, .restart, "the secret by which a webhook or robot is signed"),
        .setting(
            "host", \.host, .text("host", example: "mail.example.org"), .restart, shownDefault: "none",
            "The mail server."),
        .setting("port", \.port, .count(1...65535, example: "587"), .restart, "Its port."),
        .setting("security", \.security, .choice, .restart, "How the connection to it is encrypted."),
        .setting(
            "user", \.user, .optional(.text("name", example: "hadal")), .restart,
            "Who logs in there; none: nobody does."),
        .secret("password", \.passwordFile, \.passwordEnvironment, .restart, "the password there"),
        .setting(
            "sender", \.sender, .text("address", example: "hadal@example.org"), .restart, shownDefault: "none",
            "Whose mail it is."),
        .setting("to", \.to, .list(of: .text("address", example: "ops@example.org")), .restart, "Who gets it."),
        .setting(
            "command", \.command, .list(of: .text("word", example: "/usr/local/bin/page")), .restart,
            "A program, by its whole path, and its arguments."),
        .setting(
            "tls_authority", \.tlsCA, .optional(.path(example: "/etc/ssl/ours.pem")), .restart,
            "Certificates (PEM) of who signs the server's, beside those that the system trusts."),
    ]

    func check(_ findings: inout Findings) {
        if name.isEmpty { findings.add("name", "is missing", "name the channel") }
        switch kind {
        case .webhook, .feishu, .dingtalk, .wecom: findings.need(url, "url", for: kind.rawValue)
        case .mail:
            for (key, value) in [("host", host), ("sender", sender)] where value.isEmpty {
                findings.add(key, "is missing, although kind is mail", "write it")
            }
            if to.isEmpty { findings.add("to", "is missing, although kind is mail", "write who gets it") }
        case .command:
            if command.isEmpty { findings.add("command", "is missing, although kind is command", "write the program") }
        }
    }
}
