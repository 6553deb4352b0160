import Foundation

/// The times that alerts go by.
public struct AlertClock: Sendable {
    let now: @Sendable () -> Date
    /// Ends early where the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    public static let system = AlertClock(now: { Date() }, sleep: { try await Task.sleep(for: $0) })
}
