/// One thing that is wrong with a set of rules, or, in `RuleSet.notes`, that is worth knowing.
public struct RuleProblem: Sendable, Hashable, CustomStringConvertible {
    public var file: String
    /// nil where it is about the whole file.
    public var line: Int?
    /// `rules[2].when.regex`; empty where it is about the whole file.
    public var field: String
    public var problem: String
    /// What to do about it.
    public var advice: String

    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return (field.isEmpty ? [place] : [place, field]).joined(separator: ": ") + ": \(problem); \(advice)"
    }
}

/// A set that cannot be used, with everything that is wrong with it.
public struct RuleSetError: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [RuleProblem]

    /// A line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
