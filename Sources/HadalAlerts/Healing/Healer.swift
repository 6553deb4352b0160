/// Carries out what alerts want done by themselves. Nothing of it holds up the alerts: acts that are done once run beside
/// them, and each has a time limit, after which it is cancelled.
public protocol Healer: Sendable {
    /// Does it; of what lasts, begins it.
    /// - Parameter event: whose `action` is due.
    /// - Returns: what came of it, for people.
    /// - Throws: `HealingSkipped` where there is nothing to do it to; else why it failed.
    func act(_ event: AlertEvent) async throws -> String

    /// Takes back what lasts. It is over whatever fails.
    /// - Returns: what that means, for people.
    func end(_ event: AlertEvent) async -> String

    /// After each look: what lasts now, and nothing else. What is not in force, as in a new process, is from now on, and
    /// what is in force and not named is not any more.
    func keep(_ events: [AlertEvent])
}

extension HealingAction.Kind {
    /// So long an act may take: a restart lasts until the next worker has loaded its model, for one after the other.
    public var limit: Duration { self == .restart ? .seconds(600) : .seconds(30) }
}
