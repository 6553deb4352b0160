import Foundation
import HadalState

/// `DATA/usage.db`: who used how much, by days. Several gateways may share a file; what each has used adds up.
///
/// A `Limiter` writes to it each second. A process that is killed loses that second at most: what was committed is in
/// the file, and survives a power cut except for the last seconds.
public final class UsageStore: Sendable {
    /// Of days of which reports are kept.
    public static let daysKept = 400

    let database: any StateDatabase

    /// - Parameter data: the data directory. nil: in memory, and gone with the process.
    public init(data: URL?) throws(AccessStoreError) {
        do {
            if let url = data?.appendingPathComponent("usage.db") {
                database = try SQLiteState(
                    url, SQLiteState.Options(isDurable: false), migrations: UsageTables.migrations)
            } else {
                database = try SQLiteState(inMemory: UsageTables.migrations)
            }
        } catch {
            throw .state(error)
        }
    }

    /// Runs `body` on the one connection that writes, one after the other.
    func exclusively<Value: Sendable>(
        _ body: @Sendable (any StateWriter) throws -> Value
    ) async throws(AccessStoreError) -> Value {
        do { return try await database.exclusively(body) } catch { throw AccessStoreError(error, path: database.path) }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any StateTransaction) throws -> Value
    ) async throws(AccessStoreError) -> Value {
        do { return try await database.read(body) } catch { throw AccessStoreError(error, path: database.path) }
    }
}
