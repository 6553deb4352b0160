/// Guesses that a text goes on as it did the last time its newest tokens stood in a row: summaries, edits, quotations and
/// JSON repeat much of what was there.
package struct PromptLookup: Sendable {
    /// How many tokens must agree.
    package static let length = 3

    private struct Key: Hashable {
        let first, second, third: Int32

        /// The tokens that end at `end`.
        init(_ tokens: [Int32], endingAt end: Int) {
            (first, second, third) = (tokens[end - 2], tokens[end - 1], tokens[end])
        }
    }

    /// Where each key ended last, but for the end of the text itself.
    private var ends: [Key: Int32] = [:]
    private var seen = PromptLookup.length - 1

    package init() {}

    /// What followed the last `length` tokens when they came before, at most `count` tokens; empty where they did not.
    /// - Parameter tokens: the same as in the last call, and perhaps more.
    package mutating func guess(_ tokens: [Int32], count: Int) -> [Int32] {
        guard count > 0, tokens.count > PromptLookup.length else { return [] }
        let last = tokens.count - 1
        while seen < last {
            ends[Key(tokens, endingAt: seen)] = Int32(seen)
            seen += 1
        }
        guard let end = ends[Key(tokens, endingAt: last)] else { return [] }
        return Array(tokens[Int(end) + 1..<min(Int(end) + 1 + count, tokens.count)])
    }
}
