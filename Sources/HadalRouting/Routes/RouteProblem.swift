/// One thing that is wrong with configured routes.
public struct RouteProblem: Sendable, Hashable, CustomStringConvertible {
    /// `routes[0].rules[1].when.prompt_tokens.above`.
    public var field: String
    public var problem: String
    /// What to do about it.
    public var advice: String

    public var description: String { "\(field): \(problem); \(advice)" }
}

/// Routes that cannot be used, with everything that is wrong with them.
public struct RouteTableError: Error, Sendable, Hashable, CustomStringConvertible {
    public var problems: [RouteProblem]

    /// A line for each problem.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
