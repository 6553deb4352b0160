import Synchronization

/// A request that may begin. Its place in the limits of concurrency is free again when `finish` is called, or when
/// nobody holds the admission any more: after an error, a cancelled task, a client that has gone.
public final class Admission: Sendable {
    /// For the answer's headers.
    public let status: RateLimitStatus
    private let limiter: Limiter
    private let ticket: Ticket
    private let isOver = Atomic(false)

    init(_ limiter: Limiter, _ ticket: Ticket, _ status: RateLimitStatus) {
        self.limiter = limiter
        self.ticket = ticket
        self.status = status
    }

    /// The request has ended, and this is what it has used: from here on it counts in place of the estimate. Only the
    /// first call counts.
    /// - Parameters:
    ///   - promptTokens: all, cached ones included.
    ///   - cachedTokens: those of the prompt that the prefix cache had; they only cost less.
    public func finish(promptTokens: Int, cachedTokens: Int = 0, answerTokens: Int) {
        end(TokenUsage(prompt: promptTokens, cached: cachedTokens, answer: answerTokens))
    }

    /// Without `finish`, the prompt counts as it was estimated, and nothing for an answer.
    deinit { end(nil) }

    private func end(_ usage: TokenUsage?) {
        if !isOver.exchange(true, ordering: .relaxed) { limiter.end(ticket, usage) }
    }
}
