import Foundation
import GRDB
import Synchronization

/// A database in one file, which SQLite reads and writes, for any number of processes on one machine. What is being
/// read does not wait for what is being written (write-ahead log).
public final class SQLiteState: StateDatabase {
    public struct Options: Sendable {
        /// What a commit promises survives a power cut. Otherwise the last seconds may be gone then, whole
        /// transactions of them.
        public var isDurable: Bool
        /// What is deleted is overwritten.
        public var erases: Bool

        public init(isDurable: Bool = true, erases: Bool = false) {
            self.isDurable = isDurable
            self.erases = erases
        }
    }

    public let path: String
    let writer: any DatabaseWriter
    /// Only asks whether others have changed the file, which a connection cannot tell of its own changes.
    private let watch = Mutex<DatabaseQueue?>(nil)

    /// Opens it, making it and its directory where they are not there, and brings it up to date.
    public init(_ url: URL, _ options: Options = Options(), migrations: [StateMigration]) throws(StateError) {
        path = url.path
        try PrivateFile.prepare(url)
        errno = 0
        do { writer = try SQLiteState.open(url, options, DatabaseMigrator(migrations)) } catch {
            throw StateError(error, path: url.path, systemCode: errno)
        }
    }

    /// One in memory, gone with its last reference.
    public init(inMemory migrations: [StateMigration]) throws(StateError) {
        path = ":memory:"
        do {
            let queue = try DatabaseQueue()
            try DatabaseMigrator(migrations).migrate(queue)
            writer = queue
        } catch {
            throw StateError(error, path: ":memory:")
        }
    }

    public func read<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value {
        try translating { try writer.read { try body(SQLiteConnection(db: $0, path: path)) } }
    }

    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StateTransaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await writer.read { [path] in try body(SQLiteConnection(db: $0, path: path)) }
        } catch let error as DatabaseError {
            throw StateError(error, path: path)
        }
    }

    public func write<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value {
        try translating {
            try writer.writeWithoutTransaction { try SQLiteConnection(db: $0, path: path).transaction(body) }
        }
    }

    public func writeLater(
        _ body: @escaping @Sendable (any StateTransaction) throws -> Void,
        failed: @escaping @Sendable (any Error) -> Void
    ) {
        writer.asyncWriteWithoutTransaction { [path] db in
            do { try SQLiteConnection(db: db, path: path).transaction(body) } catch { failed(error) }
        }
    }

    public func waitForWrites() { writer.writeWithoutTransaction { _ in } }

    public func exclusively<Value: Sendable>(
        _ body: @Sendable (any StateWriter) throws -> Value
    ) async throws -> Value {
        do {
            return try await writer.writeWithoutTransaction { [path] in
                try body(SQLiteConnection(db: $0, path: path))
            }
        } catch let error as DatabaseError {
            throw StateError(error, path: path)
        }
    }

    public func version() throws(StateError) -> Int64 {
        do {
            if writer is DatabaseQueue {
                return try writer.read { Int64($0.totalChangesCount) }
            }
            return try watch.withLock { watch in
                let queue = try watch ?? DatabaseQueue(path: path, configuration: .readOnly)
                watch = queue
                return try queue.unsafeRead { try SQLiteConnection(db: $0, path: path).othersVersion() }
            }
        } catch {
            throw StateError(error, path: path)
        }
    }

    public func close() throws(StateError) {
        do {
            try watch.withLock { watch in
                try watch?.close()
                watch = nil
            }
            try writer.close()
        } catch {
            throw StateError(error, path: path)
        }
    }

    /// What fails outside of statements and transactions, which tell of their own failures.
    private func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DatabaseError { throw StateError(error, path: path) }
    }
}
