/// Why a text is no query, and where.
public struct QueryProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// In characters (Unicode's scalars), from 1.
    public let column: Int
    public let problem: String

    public var description: String { "column \(column): \(problem)" }
}
