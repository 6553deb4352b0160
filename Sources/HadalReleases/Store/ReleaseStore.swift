import Foundation
import HadalState

/// `DATA/releases.db`: deployments, versions, rollouts, what is yet to be carried out, and what was. Each change is one
/// transaction that is on the disk when the call returns.
public final class ReleaseStore: Sendable {
    /// Entries of one call that lists.
    public static let pageMax = 1000

    private let state: any StateDatabase

    /// Opens it, making it and its directory where they are not there.
    /// - Parameter data: the data directory.
    public init(data: URL) throws(ReleaseError) {
        do {
            state = try SQLiteState(data.appendingPathComponent("releases.db"), migrations: ReleaseSchema.migrations)
        } catch {
            throw .state(error)
        }
    }

    var path: String { state.path }

    func read<Value>(_ body: (any StateTransaction) throws -> Value) throws(ReleaseError) -> Value {
        do { return try state.read(body) } catch { throw ReleaseError(error, path: path) }
    }

    /// All of it or nothing.
    func write<Value>(_ body: (any StateTransaction) throws -> Value) throws(ReleaseError) -> Value {
        do { return try state.write(body) } catch { throw ReleaseError(error, path: path) }
    }
}

extension ReleaseError {
    init(_ error: any Error, path: String) {
        switch error {
        case let error as ReleaseError: self = error
        case let error as StateError: self = .state(error)
        default: self = .state(.failed(path: path, problem: "\(error)"))
        }
    }
}
