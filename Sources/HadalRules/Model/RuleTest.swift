import HadalText

/// A case that a file of rules brings along.
public struct RuleTest: Sendable {
    public let name: String
    public let file: String
    public let line: Int
    public let input: RuleInput
    public let expected: Expected

    /// nil for what is not looked at.
    public struct Expected: Sendable {
        public var outcome: RuleOutcome?
        /// Of the rules that hit, in any order, those that only show what they would do too.
        public var rules: [String]?
        public var tags: [String]?
        public var route: String?
        public var score: Double?
        /// The texts after replacement.
        public var texts: [String]?
        /// What would have come of it if nothing were a dry run.
        public var dryRun: RuleOutcome?
    }

    /// - Returns: how the verdict differs from what is expected; empty where it does not.
    public func failures(of verdict: RuleVerdict) -> [String] {
        var failures: [String] = []
        func compare(_ what: String, _ expected: String?, _ found: String) {
            if let expected, expected != found { failures.append("\(what): expected \(expected), found \(found)") }
        }
        func list(_ names: [String]) -> String { "[" + names.sorted().joined(separator: ", ") + "]" }
        compare("action", expected.outcome?.rawValue, verdict.decision.outcome.rawValue)
        compare("rules", expected.rules.map(list), list(verdict.hits.map(\.rule)))
        compare("tags", expected.tags.map(list), list(verdict.decision.tags))
        compare("route", expected.route, verdict.decision.route ?? "none")
        compare("score", expected.score.map { "\($0)" }, "\(verdict.decision.score)")
        compare("dry_run", expected.dryRun?.rawValue, verdict.dryRunDecision.outcome.rawValue)
        let texts = verdict.replacedTexts ?? input.texts.map { String(decoding: $0.original, as: UTF8.self) }
        compare("text", expected.texts.map { "\($0)" }, "\(texts)")
        return failures
    }
}
