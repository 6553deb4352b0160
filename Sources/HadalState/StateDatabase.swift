/// Rows that several processes share, and that outlive them. What stands in it is the users' affair: each brings its
/// own migrations and its own SQL, of the part that SQLite and PostgreSQL have in common (ARCHITECTURE.md).
///
/// Errors of the database are `StateError`; what a body throws comes out as it is.
public protocol StateDatabase: Sendable {
    /// What errors call it: its file.
    var path: String { get }

    /// Sees one moment's rows, whoever writes meanwhile.
    func read<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value

    /// The same, on a thread of the database's.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StateTransaction) throws -> Value
    ) async throws -> Value

    /// All of it or nothing. When it returns, a durable database has it on the disk. One at a time, in all processes.
    func write<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value

    /// A write that nobody waits for; in order with others of this process.
    /// - Parameter failed: where it came to nothing.
    func writeLater(
        _ body: @escaping @Sendable (any StateTransaction) throws -> Void,
        failed: @escaping @Sendable (any Error) -> Void)

    /// Waits until all that was given to `writeLater` so far is written, or has failed.
    func waitForWrites()

    /// Runs several reads and transactions on the connection that writes, with none of this process's between them.
    func exclusively<Value: Sendable>(
        _ body: @Sendable (any StateWriter) throws -> Value
    ) async throws -> Value

    /// Another number after each commit of any process, this one included. Takes microseconds.
    func version() throws(StateError) -> Int64

    /// Afterwards everything fails. (Without it, it is closed with its last reference.)
    func close() throws(StateError)
}

/// Statements on the database's rows. Parameters are `?` in their order, or `?1`, `?2` where one is used twice.
///
/// Counts only within the body that it was given to.
public protocol StateTransaction {
    var path: String { get }

    /// Runs a statement that gives no rows.
    func execute(_ sql: String, _ arguments: StateArguments) throws(StateError)

    /// The same.
    /// - Returns: how many rows it inserted, updated or deleted.
    func executeCounting(_ sql: String, _ arguments: StateArguments) throws(StateError) -> Int

    func rows(_ sql: String, _ arguments: StateArguments) throws(StateError) -> [StateRow]

    /// The first one.
    func row(_ sql: String, _ arguments: StateArguments) throws(StateError) -> StateRow?

    /// One after the other, where there may be more than fit in memory. Meanwhile the same statement must not be run
    /// again.
    func each(_ sql: String, _ arguments: StateArguments, _ body: (StateRow) throws -> Void) throws
}

extension StateTransaction {
    public func execute(_ sql: String) throws(StateError) { try execute(sql, []) }
    public func rows(_ sql: String) throws(StateError) -> [StateRow] { try rows(sql, []) }
    public func row(_ sql: String) throws(StateError) -> StateRow? { try row(sql, []) }
}

/// The connection that writes. Outside of `transaction` each statement is one of its own.
public protocol StateWriter: StateTransaction {
    /// All of it or nothing, as `StateDatabase.write`.
    func transaction<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value

    /// Another number after each commit of others; what this database writes itself leaves it as it is.
    func othersVersion() throws(StateError) -> Int64
}
