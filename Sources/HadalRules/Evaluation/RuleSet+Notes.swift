extension RuleSet {
    static func notes(on rules: [Rule], _ conditions: [TextCondition], holdBack: Int) -> [RuleProblem] {
        rules.filter(\.isEnabled).flatMap { rule in
            rule.condition.leaves.flatMap { leaf -> [RuleProblem] in
                guard let pattern = leaf.textCondition.flatMap({ conditions[$0].pattern }) else { return [] }
                return notes(on: pattern, in: rule, holdBack: holdBack).map { problem, advice in
                    RuleProblem(
                        file: rule.file, line: rule.line, field: "\(rule.id).\(leaf.path)", problem: problem,
                        advice: advice)
                }
            }
        }
    }

    private static func notes(
        on pattern: Pattern, in rule: Rule, holdBack: Int
    ) -> [(problem: String, advice: String)] {
        var notes: [(problem: String, advice: String)] = []
        if pattern.forward == nil {
            notes.append(
                (
                    "the expression is too large for tables and is some twenty times slower",
                    "make repetitions smaller, or split it"
                ))
        }
        if rule.holds, rule.scope.directions.contains(.output), pattern.longest == nil {
            notes.append(
                (
                    "a match may be of any length, of which streams hold back \(holdBack) characters",
                    "bound its repetitions, such as {0,200} instead of *"
                ))
        }
        return notes
    }
}

extension Rule {
    /// Whether nothing of a match may be sent on before it is certain.
    var holds: Bool { !isDryRun && (action?.kind == .block || action?.kind == .replace) }
}
