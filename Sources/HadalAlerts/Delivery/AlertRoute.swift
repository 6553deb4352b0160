/// A channel with a name, and what it is told.
public struct AlertRoute: Sendable {
    public let name: String
    public let channel: any AlertChannel
    /// Less than that it is not told.
    public let from: AlertLevel
    public let policy: RetryPolicy

    public init(
        _ name: String, _ channel: any AlertChannel, from: AlertLevel = .warning, policy: RetryPolicy = RetryPolicy()
    ) {
        (self.name, self.channel, self.from, self.policy) = (name, channel, from, policy)
    }
}
