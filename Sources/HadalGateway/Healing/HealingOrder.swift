import HadalAccess

/// What an alert wants done by itself.
public struct HealingOrder: Sendable, Hashable {
    public enum Act: String, Sendable, Hashable { case restart, drain, shed, rollback }

    public let act: Act
    /// As the alert's label `model` names it: a model, one of its workers (`r1#2`) or a version of a release (`chat@3`);
    /// empty: the server.
    public let model: String
    /// For the record: the rule, and at which level with which value it fires.
    public let rule: String
    public let level: String
    public let value: String

    public init(_ act: Act, model: String, rule: String, level: String, value: String) {
        (self.act, self.model, self.rule, self.level, self.value) = (act, model, rule, level, value)
    }

    var why: String { "the alert \(rule) is \(level) (\(value))" }
}

/// There is nothing that it could be done to. No failure.
public struct NothingToHeal: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ why: String) { description = why }
}
