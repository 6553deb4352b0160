import Foundation

/// What is asked.
public struct Workload: Sendable, Hashable {
    /// Tokens, about: lengths of chance have this median.
    public struct Length: Sendable, Hashable {
        public var tokens: Int
        /// Standard deviation of the logarithm: 0: always as long; 0.5: half of them are between 0.7 and 1.4 times as long.
        public var spread: Double

        public init(_ tokens: Int, spread: Double = 0) { (self.tokens, self.spread) = (tokens, spread) }

        func drawn(_ random: inout SeededGenerator) -> Int {
            guard spread > 0 else { return tokens }
            return max(1, Int((Double(tokens) * exp(spread * random.normal())).rounded()))
        }
    }

    public var prompt = Length(512)
    public var answer = Length(128)
    /// Tokens that all prompts begin with.
    public var sharedTokens = 0
    /// Questions of a conversation: each has all that was said before.
    public var turns = 1
    /// Seconds between an answer and the next question of its conversation.
    public var thinkSeconds = 0.0
    /// Answers go on to their length, where the server knows `ignore_eos`.
    public var ignoresEnd = false
    public var seed: UInt64 = 1
    /// Longer prompts and answers of a trace are cut to this many tokens.
    public var tokensMax = Int.max

    public init() {}
}
