import Foundation
import HadalState

/// `DATA/access.db`: who there is and what they may, for a server and the commands beside it at the same time.
public final class AccessDatabase: Sendable {
    public let url: URL
    let state: any StateDatabase

    /// Opens it, making it and its directory where they are not there.
    /// - Parameter data: the data directory.
    public init(data: URL) throws(AccessStoreError) {
        url = data.appendingPathComponent("access.db")
        state = try Self.open(
            url,
            IdentitySchema.migrations + LimitStore.migrations + AddressRuleStore.migrations
                + IdentitySchema.limitMigrations)
    }

    /// Changes whenever anybody has committed something, in this process or another. Takes microseconds.
    func version() throws(AccessStoreError) -> Int64 {
        do { return try state.version() } catch { throw .state(error) }
    }

    func read<Value>(_ body: (any StateTransaction) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try state.read(body) } catch { throw AccessStoreError(error, path: url.path) }
    }

    /// All of it or nothing.
    func write<Value>(_ body: (any StateTransaction) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try state.write(body) } catch { throw AccessStoreError(error, path: url.path) }
    }

    /// A file of ours: what a commit promises survives a power cut (there are few), and what is deleted is overwritten.
    static func open(_ url: URL, _ migrations: [StateMigration]) throws(AccessStoreError) -> any StateDatabase {
        do {
            return try SQLiteState(url, SQLiteState.Options(isDurable: true, erases: true), migrations: migrations)
        } catch {
            throw .state(error)
        }
    }
}
