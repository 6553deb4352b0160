import Foundation
import HadalJSON

/// A robot in a group of Feishu, DingTalk or WeCom.
public struct RobotChannel: AlertChannel {
    public enum Service: String, Sendable, Hashable, CaseIterable {
        case feishu
        case dingtalk
        case wecom
    }

    /// What a service wants to get.
    struct Post {
        var query: [(name: String, value: String)] = []
        let body: JSON
    }

    private let service: Service
    private let http: AlertHTTP
    private let secret: String?
    private let now: @Sendable () -> Date

    /// - Parameters:
    ///   - name: for errors.
    ///   - url: as the service shows it, with the token that it has there.
    ///   - secret: where the robot checks signatures; WeCom's have none.
    ///   - authority: a file of certificates (PEM) of who signs the server's; nil: those that the system trusts.
    /// - Throws: `AlertError.channel`.
    public init(
        name: String, _ service: Service, url: String, secret: String? = nil, authority: String? = nil,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws(AlertError) {
        if service == .wecom, secret != nil {
            throw .channel(name, field: "secret", problem: "is not for WeCom: its robots check no signatures")
        }
        http = try AlertHTTP(channel: name, url: url, authority: authority)
        (self.service, self.secret, self.now) = (service, secret, now)
    }

    public var kind: String { service.rawValue }

    public func send(_ message: AlertMessage) async throws(AlertError) {
        let post =
            switch service {
            case .feishu: FeishuPost.post(message, secret: secret, time: now())
            case .dingtalk: DingTalkPost.post(message, secret: secret, time: now())
            case .wecom: WeComPost.post(message)
            }
        try check(await http.post(post.body.bytes, query: post.query))
    }

    /// Robots answer with the status 200 and say in the body what is wrong.
    private func check(_ answer: JSON?) throws(AlertError) {
        let code = answer?["errcode"]?.int ?? answer?["code"]?.int ?? answer?["StatusCode"]?.int
        guard let code else {
            throw .delivery(problem: "\(http.host) answers with something else than a robot's answer", isFinal: false)
        }
        guard code != 0 else { return }
        let words = answer?["errmsg"]?.string ?? answer?["msg"]?.string ?? ""
        throw .delivery(
            problem: "\(service.rawValue) refuses the message: \(code) \(AlertError.line(words))",
            isFinal: !service.passingCodes.contains(code))
    }
}

extension RobotChannel.Service {
    /// Of refusals that pass by themselves: too many messages, or the service is busy.
    fileprivate var passingCodes: Set<Int> {
        switch self {
        case .feishu: [11232]
        case .dingtalk: [-1, 130_101]
        case .wecom: [-1, 45009]
        }
    }
}
