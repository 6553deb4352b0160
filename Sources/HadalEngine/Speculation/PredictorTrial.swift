/// Whether the prediction layer pays: what a token costs with it and without it is measured in turns, and the cheaper way
/// is gone most of the time. Its own cost is part of every step with it, whether or not its guesses are right.
package struct PredictorTrial: Sendable {
    private static let turn = 64
    private static let probe = 8
    private static let weightOfNewest = 0.1

    private var secondsPerToken: (with: Double?, without: Double?) = (nil, nil)
    private var steps = 0
    package private(set) var usesPredictor = true

    package init() {}

    /// A step in which every text decoded gave so many tokens.
    package mutating func record(tokens: Int, seconds: Double) {
        let new = seconds / Double(max(1, tokens))
        func blend(_ old: Double?) -> Double { old.map { $0 + Self.weightOfNewest * (new - $0) } ?? new }
        if usesPredictor {
            secondsPerToken.with = blend(secondsPerToken.with)
        } else {
            secondsPerToken.without = blend(secondsPerToken.without)
        }
        steps += 1
        let pays = (secondsPerToken.with ?? 0) <= (secondsPerToken.without ?? .infinity)
        guard steps >= (usesPredictor == pays ? Self.turn : Self.probe) else { return }
        usesPredictor.toggle()
        steps = 0
    }
}
