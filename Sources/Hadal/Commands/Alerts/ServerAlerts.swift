import Foundation
import HadalAlerts
import HadalConfiguration
import HadalGateway
import HadalJSON
import HadalSecrets
import Logging

/// The alerts of a running server, as its administration asks for them.
struct ServerAlerts: AlertKeeper {
    private let service: AlertService

    /// - Parameters:
    ///   - address: which server it is, for those who are told.
    ///   - data: where what fires is kept.
    ///   - healing: what does what alerts want done by themselves.
    init(
        _ settings: AlertSettings, address: String, data: URL, healing: ServerHealing, logger: Logger,
        metrics: @escaping @Sendable () async -> String
    ) throws {
        let file = data.appendingPathComponent("alerts.json")
        service = try AlertService(
            rules: try settings.allRules(), routes: try settings.channels.map { try $0.route() },
            interval: settings.interval, repeatAfter: settings.repeatAfter, source: address,
            file: (
                read: { FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : nil },
                write: { try $0.write(to: file, options: .atomic) }
            ), healer: AlertHealer(healing: healing), logger: logger, metrics: metrics)
    }

    var json: JSON { service.json }

    func silence(
        rule: String?, labels: [String: String], seconds: Double, who: String, why: String
    ) throws -> JSON {
        let now = Date()
        let silence = try Silence(
            rule: rule, labels: Labels(labels), from: now, until: now.addingTimeInterval(seconds), who: who, why: why)
        try service.add(silence)
        return silence.json
    }

    func removeSilence(id: String) -> Bool { service.removeSilence(id: id) }
    func test(channel: String) async throws { try await service.test(channel: channel) }
    func giveAway() { service.giveAway() }
    func run() async throws { try await service.run() }
}

extension AlertChannelSettings {
    fileprivate func route() throws -> AlertRoute {
        AlertRoute(name, try channel(), from: AlertLevel(rawValue: from.rawValue) ?? .warning)
    }

    private func channel() throws -> any AlertChannel {
        switch kind {
        case .webhook:
            return try WebhookChannel(
                name: name, url: try read(url, "url"), secret: try readIfGiven(secret), authority: tlsCA)
        case .feishu, .dingtalk, .wecom:
            return try RobotChannel(
                name: name, RobotChannel.Service(rawValue: kind.rawValue)!, url: try read(url, "url"),
                secret: try readIfGiven(secret), authority: tlsCA)
        case .mail:
            return try MailChannel(
                name: name,
                MailSettings(
                    host: host, port: port, security: MailSettings.Security(rawValue: security.rawValue)!, user: user,
                    password: try readIfGiven(password), from: sender, to: to, authority: tlsCA))
        case .command: return try CommandChannel(name: name, command: command)
        }
    }

    private func read(_ source: SecretSource, _ field: String) throws -> String {
        guard let text = try readIfGiven(source) else {
            throw CommandFailure("the alert channel \(name) has no \(field)")
        }
        return text
    }

    private func readIfGiven(_ source: SecretSource) throws -> String? {
        let place = source.environmentVariable.map(SecretPlace.environment) ?? source.file.map(SecretPlace.file)
        return try place?.read().text()
    }
}
