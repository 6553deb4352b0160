import Foundation
import GRDB

/// `DATA/usage.db`: who used how much, by days. Several gateways may share a file; what each has used adds up.
///
/// A `Limiter` writes to it each second. A process that is killed loses that second at most: what was committed is in
/// the file, and survives a power cut except for the last seconds.
public final class UsageStore: Sendable {
    /// Of days of which reports are kept.
    public static let daysKept = 400

    let database: any DatabaseWriter
    private let path: String

    /// - Parameter data: the data directory. nil: in memory, and gone with the process.
    public init(data: URL?) throws(AccessStoreError) {
        path = data?.appendingPathComponent("usage.db").path ?? ":memory:"
        do {
            var configuration = Configuration()
            configuration.busyMode = .timeout(5)
            configuration.label = "usage.db"
            if let data {
                try PrivateFile.makeDirectory(data)
                try PrivateFile.prepare(URL(fileURLWithPath: path))
                database = try DatabasePool(path: path, configuration: configuration)
            } else {
                database = try DatabaseQueue(configuration: configuration)
            }
            var migrator = DatabaseMigrator()
            UsageTables.migrate(&migrator)
            let isNewer = try database.read { try migrator.hasBeenSuperseded($0) }
            if isNewer { throw AccessStoreError.newer(path: path) }
            if let data {
                try PrivateFile.alone(in: data) { [database] in try migrator.migrate(database) }
            } else {
                try migrator.migrate(database)
            }
        } catch {
            throw AccessStoreError(error, path: path)
        }
    }

    /// Runs `body` on the one connection that writes, one after the other.
    func exclusively<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) async throws(AccessStoreError) -> Value {
        do {
            return try await database.writeWithoutTransaction(body)
        } catch {
            throw AccessStoreError(error, path: path)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(AccessStoreError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw AccessStoreError(error, path: path)
        }
    }

    /// Changes when another connection than the one that writes has changed the file.
    static func version(_ db: Database) throws -> Int {
        try Int.fetchOne(try db.cachedStatement(sql: "PRAGMA data_version")) ?? 0
    }
}
