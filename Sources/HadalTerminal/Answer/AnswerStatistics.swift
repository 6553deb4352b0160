/// What is told about an answer at its end.
public struct AnswerStatistics: Sendable, Equatable {
    /// Tokens of the answer, reasoning included.
    public var tokens: Int
    /// From sending the question to the first token; `nil` if none came.
    public var timeToFirstToken: Duration?
    /// From sending the question to the end.
    public var duration: Duration
    public var wasInterrupted: Bool

    public init(tokens: Int, timeToFirstToken: Duration?, duration: Duration, wasInterrupted: Bool = false) {
        self.tokens = tokens
        self.timeToFirstToken = timeToFirstToken
        self.duration = duration
        self.wasInterrupted = wasInterrupted
    }

    /// Decoding speed: the tokens after the first over the time after the first. `nil` with fewer than two tokens.
    public var tokensPerSecond: Double? {
        guard let timeToFirstToken, tokens > 1, duration > timeToFirstToken else { return nil }
        return Double(tokens - 1) / ((duration - timeToFirstToken) / .seconds(1))
    }

    /// As in `312 tokens, 24.1 tokens/s, first token after 0.42 s`.
    public var line: String {
        var parts = [tokens == 1 ? "1 token" : "\(tokens) tokens"]
        if let tokensPerSecond { parts.append("\(decimal(tokensPerSecond, places: 1)) tokens/s") }
        if let timeToFirstToken {
            parts.append("first token after \(decimal(timeToFirstToken / .seconds(1), places: 2)) s")
        }
        if wasInterrupted { parts.append("stopped") }
        return parts.joined(separator: ", ")
    }
}
