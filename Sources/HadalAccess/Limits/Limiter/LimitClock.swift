import Foundation

/// The times that a limiter goes by.
public struct LimitClock: Sendable {
    /// Wall-clock time, for quotas go by the calendar. A clock that is set back stops buckets for a second at most; one
    /// that is set forward fills them.
    public var now: @Sendable () -> Date
    /// Ends early where its task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Date, sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    public static let system = LimitClock(now: { Date() }, sleep: { try await Task.sleep(for: $0) })

    var moment: Moment { Moment(now: Int((now().timeIntervalSince1970 * 1_000_000).rounded())) }
}
