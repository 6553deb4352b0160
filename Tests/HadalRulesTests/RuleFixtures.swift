import TestSupport
import Testing

@testable import HadalRules

/// Sets of rules written by tests.
enum RuleFixtures {
    /// - Parameter rules: the items below `rules:`, without indentation.
    static func set(_ rules: String, header: String = "") throws -> RuleSet {
        let directory = try TemporaryDirectory()
        return try RuleSet.load(directory.write(text(rules, header: header).utf8, "rules.yaml"))
    }

    static func text(_ rules: String, header: String = "") -> String {
        let lines = rules.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
        return "version: 1\n\(header)\nrules:\n" + lines.joined(separator: "\n") + "\n"
    }

    /// What is wrong with a set.
    static func problems(_ text: String) throws -> [RuleProblem] {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text.utf8, "rules.yaml")
        do throws(RuleSetError) {
            _ = try RuleSet.load(path)
            return []
        } catch { return error.problems }
    }
}

extension RuleSet {
    func outcome(
        _ text: String, _ direction: RuleDirection = .input, scores: [String: Double] = [:],
        _ change: (inout RuleMetadata) -> Void = { _ in }
    ) -> RuleOutcome {
        var metadata = RuleMetadata()
        change(&metadata)
        return evaluate(RuleInput(direction, text, metadata: metadata, scores: scores)).decision.outcome
    }
}
