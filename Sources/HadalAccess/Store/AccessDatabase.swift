import Foundation
import GRDB

/// `DATA/access.db`: who there is and what they may, for a server and the commands beside it at the same time.
public final class AccessDatabase: Sendable {
    public let url: URL
    let pool: DatabasePool
    /// Only asks whether others have changed the file, which a connection cannot tell of its own changes.
    private let watch: DatabaseQueue

    /// Opens it, making it and its directory where they are not there.
    /// - Parameter data: the data directory.
    public init(data: URL) throws(AccessStoreError) {
        try PrivateFile.makeDirectory(data)
        url = data.appendingPathComponent("access.db")
        var migrator = DatabaseMigrator()
        IdentitySchema.migrate(&migrator)
        LimitStore.migrate(&migrator)
        AddressRuleStore.migrate(&migrator)
        IdentitySchema.watchLimits(&migrator)
        pool = try AccessDatabase.open(url, migrator)
        do {
            watch = try DatabaseQueue(path: url.path, configuration: AccessDatabase.readOnly)
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    /// A file of ours, checked and brought up to date.
    static func open(_ url: URL, _ migrator: DatabaseMigrator) throws(AccessStoreError) -> DatabasePool {
        try PrivateFile.prepare(url)
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.label = url.lastPathComponent
            configuration.prepareDatabase { db in
                // What a commit promises survives a power cut; there are few commits.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // What is deleted is overwritten.
                try db.execute(sql: "PRAGMA secure_delete = ON")
            }
            try check(url, migrator)
            let pool = try DatabasePool(path: url.path, configuration: configuration)
            // Of processes that start at once, one brings it up to date and the others find it so.
            try PrivateFile.alone(in: url.deletingLastPathComponent()) { try migrator.migrate(pool) }
            return pool
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    /// Looks whether the file is whole and for us, before anything is opened that could write to it.
    private static func check(_ url: URL, _ migrator: DatabaseMigrator) throws {
        let queue = try DatabaseQueue(path: url.path, configuration: readOnly)
        try queue.read { db in
            guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw AccessStoreError.corrupt(path: url.path)
            }
            if try migrator.hasBeenSuperseded(db) { throw AccessStoreError.newer(path: url.path) }
        }
        try queue.close()
    }

    private static var readOnly: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Changes whenever another connection, in this process or another, has committed something. Takes microseconds.
    func version() throws(AccessStoreError) -> Int64 {
        do {
            return try watch.unsafeRead { db in
                try Int64.fetchOne(try db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
            }
        } catch {
            throw AccessStoreError(error, path: url.path)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try pool.read(body) } catch { throw AccessStoreError(error, path: url.path) }
    }

    /// All of it or nothing.
    func write<Value>(_ body: (Database) throws -> Value) throws(AccessStoreError) -> Value {
        do { return try pool.write(body) } catch { throw AccessStoreError(error, path: url.path) }
    }
}
