import Foundation
import HadalStore

/// How a pull goes about it.
public struct PullSettings: Sendable {
    /// Requests at once.
    public var connections = 4
    /// What one request asks for. Small enough that four of them are busy with most files, large enough that hubs,
    /// which count requests, do not mind.
    public var pieceBytes: Int64 = 64 << 20
    /// After so many new bytes they are put on the disk for good; more are not lost by a crash.
    public var saveBytes: Int64 = 16 << 20
    /// In a row, none of which brought `progressBytes`.
    public var attempts = 6
    public var progressBytes: Int64 = 64 << 10
    public var freeSpace = FreeSpace.disk
    public var now: @Sendable () -> Date = { Date() }
    /// Between attempts.
    public var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    /// Where proxies are named.
    public var environment = ProcessInfo.processInfo.environment

    public init() {}

    /// Half a second, doubled with each attempt, half of it by chance so that many clients do not come at once.
    /// - Parameter asked: by the server (`Retry-After`).
    func wait(after attempt: Int, asked: Duration?) -> Duration {
        if let asked { return asked }
        let whole = Duration.milliseconds(500 << min(attempt - 1, 6))
        return whole / 2 + whole / 2 * Double.random(in: 0...1)
    }
}
