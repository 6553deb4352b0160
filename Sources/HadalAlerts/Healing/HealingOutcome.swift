/// What came of an action.
public struct HealingOutcome: Sendable, Hashable, Codable {
    public enum Result: String, Sendable, Hashable, Codable {
        case done
        /// There was nothing that it could have been done to.
        case skipped
        case failed
        /// What lasted is taken back.
        case ended
    }

    public let result: Result
    /// For people: one line.
    public let text: String

    public init(_ result: Result, _ text: String) { (self.result, self.text) = (result, AlertError.line(text)) }
}

/// Why an action was not done: there is nothing that it could be done to. No failure.
public struct HealingSkipped: Error, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ why: String) { description = why }
}
