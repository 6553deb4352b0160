/// So many bytes a second and no more. The time is an argument.
struct ReadPace {
    /// What was not read is not caught up on beyond so much.
    private static let slack = Duration.seconds(1)

    private let bytesPerSecond: Int64
    /// When the bytes that were read are paid for.
    private var paid: Duration?

    init(bytesPerSecond: Int64) { self.bytesPerSecond = bytesPerSecond }

    /// - Parameter now: of a clock that only goes on.
    /// - Returns: how long to wait before more is read.
    mutating func wait(after bytes: Int64, now: Duration) -> Duration {
        let cost = Duration.seconds(Double(bytes) / Double(bytesPerSecond))
        let due = max(paid ?? now, now - Self.slack) + cost
        paid = due
        return max(.zero, due - now)
    }
}
