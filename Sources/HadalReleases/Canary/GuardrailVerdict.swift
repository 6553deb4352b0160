/// What a guardrail says of a candidate.
public struct GuardrailVerdict: Sendable, Hashable {
    public enum Outcome: String, Sendable, Hashable { case holds, broken, tooFew }

    public var guardrail: Guardrail
    public var outcome: Outcome
    /// Of the metric; nil where there was nothing to measure.
    public var candidate: Double?
    public var baseline: Double?
    /// The probability of what was seen where the candidate is within the bound, of the bound that is passed most
    /// surely; nil where none is passed.
    public var p: Double?
    /// For people: what was found, with numbers.
    public var reason: String
}
