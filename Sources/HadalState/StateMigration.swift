/// A step from an earlier shape of the tables to a later one. A file records by their names which it has had.
///
/// What has been released is never changed: a file in the field has had it as it was.
public struct StateMigration: Sendable {
    public let name: String
    /// Run in this order, in one transaction. A statement may be several, divided by semicolons.
    public let statements: [String]

    public init(_ name: String, _ statements: [String]) {
        self.name = name
        self.statements = statements
    }
}
