import Foundation

/// The times that deliveries go by.
public struct DeliveryClock: Sendable {
    let now: @Sendable () -> Date
    /// Ends early where the task is cancelled.
    let sleep: @Sendable (Duration) async throws -> Void

    public static let system = DeliveryClock(now: { Date() }, sleep: { try await Task.sleep(for: $0) })
}
