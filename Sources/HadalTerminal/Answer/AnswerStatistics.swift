import Foundation

/// What is told about an answer at its end.
public struct AnswerStatistics: Sendable, Equatable {
    /// Tokens of the answer, reasoning included.
    public var tokens: Int
    /// From sending the question to the first token; `nil` if none came.
    public var timeToFirstToken: Duration?
    /// From sending the question to the last token.
    public var duration: Duration
    public var wasStopped: Bool

    public init(tokens: Int, timeToFirstToken: Duration?, duration: Duration, wasStopped: Bool = false) {
        self.tokens = tokens
        self.timeToFirstToken = timeToFirstToken
        self.duration = duration
        self.wasStopped = wasStopped
    }

    /// Decoding speed: the tokens after the first over the time after the first. `nil` with fewer than two tokens.
    private var tokensPerSecond: Double? {
        guard let timeToFirstToken, tokens > 1, duration > timeToFirstToken else { return nil }
        return Double(tokens - 1) / ((duration - timeToFirstToken) / .seconds(1))
    }

    /// As in `312 tokens, 24.1 tokens/s, first token after 0.42 s`.
    public var line: String {
        var parts = [tokens == 1 ? "1 token" : "\(tokens) tokens"]
        if let tokensPerSecond { parts.append(String(format: "%.1f tokens/s", tokensPerSecond)) }
        if let timeToFirstToken {
            parts.append(String(format: "first token after %.2f s", timeToFirstToken / .seconds(1)))
        }
        if wasStopped { parts.append("stopped") }
        return parts.joined(separator: ", ")
    }
}
