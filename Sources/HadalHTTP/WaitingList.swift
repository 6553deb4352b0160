/// Those who wait until something is so. It is kept beside what they wait for, under the same lock.
public struct WaitingList: Sendable {
    private var continuations: [AsyncStream<Never>.Continuation] = []

    public init() {}

    /// - Returns: what ends when all are woken, or the task that iterates it is cancelled.
    public mutating func join() -> AsyncStream<Never> {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        continuations.append(continuation)
        return stream
    }

    /// None of them goes on before this returns, so that it may be called under the lock.
    public mutating func wakeAll() {
        for continuation in continuations { continuation.finish() }
        continuations = []
    }
}
