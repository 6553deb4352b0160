import Foundation

/// The times that a patrol goes by.
public struct PatrolClock: Sendable {
    /// Of the calendar.
    let now: @Sendable () -> Date
    /// Of a clock that only goes on.
    let uptime: @Sendable () -> Duration
    /// Between rounds; ends early where the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void
    /// Between two pieces of a file: seconds at most.
    let pause: @Sendable (Duration) -> Void

    public static let system = PatrolClock(
        now: { Date() }, uptime: { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) },
        sleep: { try await Task.sleep(for: $0) },
        pause: {
            Thread.sleep(forTimeInterval: Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18)
        })
}
