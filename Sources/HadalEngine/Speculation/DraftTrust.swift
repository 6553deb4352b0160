/// How likely a source's next guess for one text is right, from how its last ones did.
package struct DraftTrust: Sendable {
    /// Before anything is known; guesses that were not tried lately drift back to it.
    private static let prior = 0.6
    private static let priorWeight = 2.0
    private static let memory = 0.9

    private var tried = 0.0
    private var right = 0.0

    package init() {}

    package var probability: Double {
        (right + Self.prior * Self.priorWeight) / (tried + Self.priorWeight)
    }

    /// The first `accepted` of `drafted` were right, and the next one, if any, wrong; nothing is known of the rest.
    package mutating func record(drafted: Int, accepted: Int) {
        fade(Self.memory)
        tried += Double(accepted + (accepted < drafted ? 1 : 0))
        right += Double(accepted)
    }

    /// A step without a guess.
    package mutating func rest() { fade(0.98) }

    private mutating func fade(_ factor: Double) {
        tried *= factor
        right *= factor
    }
}
