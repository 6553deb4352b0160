/// A way to people.
public protocol AlertChannel: Sendable {
    /// What kind it is: `webhook`, `feishu`, `dingtalk`, `wecom`, `mail`, `command`.
    var kind: String { get }

    /// One try. A time limit is set from outside, by cancelling.
    /// - Throws: `AlertError.delivery`; its text holds no secrets.
    func send(_ message: AlertMessage) async throws(AlertError)
}
