import HadalGrammar

/// What an answer is held to, and from where on.
///
/// The sampler sees the logits of forbidden tokens as −∞; bias, penalties, temperature and filters act on the others as
/// ever. Log-probabilities are those of the model itself, before it was held to anything, so a forbidden token can be
/// among the alternatives.
public enum GenerationConstraint: Sendable {
    public enum Start: Sendable, Hashable {
        /// With the first token.
        case now
        /// After the end of the reasoning that the prompt has begun.
        case afterReasoning
        /// With the first token, or after reasoning where the model begins with it.
        case afterOptionalReasoning
    }

    /// A part of an answer that is held to a grammar wherever it begins.
    public struct Part: Sendable {
        /// The text after which it begins.
        public var opening: String
        /// Has an end that nothing can follow.
        public var constraint: Constraint

        public init(opening: String, constraint: Constraint) {
            self.opening = opening
            self.constraint = constraint
        }
    }

    /// All of the answer's text.
    case answer(Constraint, start: Start)
    /// Parts of it; the rest is free.
    /// - begun: what of the answer stands in the prompt already.
    case parts([Part], begun: String)

    public init(_ constraint: Constraint, start: Start = .now) { self = .answer(constraint, start: start) }
}
