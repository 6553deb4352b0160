/// What a set of rules says of a text, and why. It holds no part of the text.
public struct RuleVerdict: Sendable, Hashable {
    public var version: String
    public var digest: String
    /// What is to be done.
    public var decision: RuleDecision
    /// What would have been done if no rule were a dry run.
    public var dryRunDecision: RuleDecision
    /// The rules that hit, in the order in which they were looked at.
    public var hits: [RuleHit]
    /// What is to be replaced, in the order of the texts; they do not overlap.
    public var replacements: [RuleReplacement]
    /// The texts with the replacements; nil where there are none.
    public var replacedTexts: [String]?
}

public struct RuleDecision: Sendable, Hashable {
    public var outcome = RuleOutcome.pass
    /// The rule that decided it; nil for `pass` and where the score did.
    public var rule: String?
    /// For the user, where it blocks or a review is required.
    public var message: String?
    /// The model that is to answer.
    public var route: String?
    public var tags: [String] = []
    /// The sum of the weights of the rules that hit.
    public var score = 0.0
}

/// A rule that hit.
public struct RuleHit: Sendable, Hashable {
    public var rule: String
    /// nil for a rule that only adds its weight or tags.
    public var action: RuleOutcome?
    /// Whether it only shows what it would have done.
    public var isDryRun: Bool
    public var weight: Double
    public var findings: [RuleFinding]
}

/// Why a rule hit: a condition that held.
public struct RuleFinding: Sendable, Hashable {
    /// Where it stands in the rule, `when.all[0]`.
    public var condition: String
    /// In words: `score firewall is 0.93`.
    public var detail: String
    /// Matches in the texts; 0 for a condition that does not look at them.
    public var count: Int
    /// Of the matches, the first hundred at least.
    public var places: [RulePlace]
}

public struct RuleReplacement: Sendable, Hashable {
    public var place: RulePlace
    public var text: String
    /// Whose match begins first.
    public var rule: String
}
