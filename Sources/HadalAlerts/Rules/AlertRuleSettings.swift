import Foundation

/// What an operator has set of a built-in rule; nil: as it is.
public struct AlertRuleSettings: Sendable, Hashable {
    public var isOn = true
    /// All that the rule is to have.
    public var thresholds: [AlertLevel: Double]?
    /// Seconds.
    public var holds: TimeInterval?
    /// Seconds.
    public var eases: TimeInterval?
    public var action: HealingAction?

    public init() {}
}
