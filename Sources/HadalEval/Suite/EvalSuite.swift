import HadalJSON

/// Scenarios that a model is put through.
public struct EvalSuite: Sendable, Hashable {
    /// One business case, of several items.
    public struct Scenario: Sendable, Hashable {
        public var name: String
        /// `extraction`, `tools`, …
        public var category: String
        /// `en`, `zh`
        public var language: String
        /// What people read in a report.
        public var about: String
        public var items: [Item]
        /// Every answer's label is one of these: a confusion matrix is made.
        public var labels: [String]
        /// Items are the same question in other words: their answers have to agree too.
        public var isConsistency: Bool
    }

    /// One conversation and what is asked of its last answer.
    public struct Item: Sendable, Hashable {
        public var system: String?
        /// What the person says, turn by turn; the model's own answers stand between.
        public var turns: [String]
        public var tools: [JSON]
        /// What the answer is held to.
        public var schema: JSON?
        public var answerTokens: Int
        public var graders: [Grader]
        /// Of a classification: the right label.
        public var label: String?
    }

    public var name: String
    public var scenarios: [Scenario]

    public init(name: String, scenarios: [Scenario]) { (self.name, self.scenarios) = (name, scenarios) }

    public var itemCount: Int { scenarios.reduce(0) { $0 + $1.items.count } }

    /// Only those whose name or category is named.
    public func only(_ names: [String]) throws(EvalError) -> EvalSuite {
        if names.isEmpty { return self }
        let known = Set(scenarios.flatMap { [$0.name, $0.category] })
        if let wrong = names.first(where: { !known.contains($0) }) { throw .noScenario(wrong, known: known.sorted()) }
        return EvalSuite(
            name: name, scenarios: scenarios.filter { names.contains($0.name) || names.contains($0.category) })
    }
}
