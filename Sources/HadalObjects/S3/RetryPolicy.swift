import Foundation
import NIOCore

/// How often, and after which time, a request is made again.
struct RetryPolicy: Sendable {
    var attempts = 6
    /// Nothing comes or goes for so long: the connection is dead.
    var silence = TimeAmount.seconds(60)
    /// What a server may ask for at most; who asks for more is given up.
    var waitMax = Duration.seconds(60)
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

    /// Half a second doubled each time, at most 20; of that between a half and the whole, so that many clients do not
    /// come back at the same time.
    func wait(after attempt: Int, asked: Duration?, _ random: Double = .random(in: 0.5...1)) -> Duration {
        let seconds = min(20, 0.5 * pow(2, Double(attempt - 1)))
        return max(.seconds(seconds * random), asked ?? .zero)
    }
}

/// The attempts of one request.
struct Attempts {
    let policy: RetryPolicy
    private(set) var count = 1

    init(_ policy: RetryPolicy) { self.policy = policy }

    /// Waits before the next attempt.
    /// - Throws: the error, where it does not pass or no attempt is left.
    mutating func pause(after failure: S3Failure) async throws(ObjectError) {
        guard failure.isPassing, count < policy.attempts, failure.wait ?? .zero <= policy.waitMax else {
            throw failure.error
        }
        do { try await policy.pause(policy.wait(after: count, asked: failure.wait)) } catch { throw .cancelled }
        count += 1
    }

    /// They count from the last one that brought something.
    mutating func reset() { count = 1 }
}
