/// How often a message is tried, and how long.
public struct RetryPolicy: Sendable, Hashable {
    public var attempts = 5
    /// Before the second try; then four times as long each time.
    public var firstWait = Duration.seconds(2)
    public var waitMax = Duration.seconds(300)
    /// Of one try.
    public var limit = Duration.seconds(15)

    public init() {}

    /// - Parameter failures: how many there were; 1 at least.
    func wait(after failures: Int) -> Duration {
        var wait = firstWait
        for _ in 1..<failures where wait < waitMax { wait *= 4 }
        return min(wait, waitMax)
    }
}
