import HadalGrammar

/// What an answer is held to, and from where on.
///
/// The sampler sees the logits of forbidden tokens as −∞; bias, penalties, temperature and filters act on the others as
/// ever. Log-probabilities are those of the model itself, before it was held to anything, so a forbidden token can be
/// among the alternatives.
public struct GenerationConstraint: Sendable {
    public enum Start: Sendable, Hashable {
        /// With the first token.
        case now
        /// After the end of the reasoning that the prompt has begun.
        case afterReasoning
        /// With the first token, or after reasoning where the model begins with it.
        case afterOptionalReasoning
    }

    public var constraint: Constraint
    public var start: Start

    public init(_ constraint: Constraint, start: Start = .now) {
        self.constraint = constraint
        self.start = start
    }
}
