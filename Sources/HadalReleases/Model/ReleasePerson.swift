/// Who does something: a person as the audit names them, or Hadal itself.
public struct ReleasePerson: Sendable, Hashable, Codable {
    /// As `user:42`; unique and never given to another.
    public var id: String
    /// For people to read.
    public var name: String

    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// What happens by itself: guardrails, resumed transitions, ends of time limits.
    public static let hadal = ReleasePerson(id: "hadal", name: "Hadal")
}
