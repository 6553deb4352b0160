import Foundation
import HadalState
import Synchronization

/// The sessions, by the hash of their tokens.
typealias SessionTable = [Data: Session]

/// What requests are answered from: in memory, and read again when any process has changed it.
final class DirectoryCache: Sendable {
    private struct State {
        var version: Int64
        var revisions: [String: Int64]
        var directory: Directory
        var sessions: SessionTable

        var limitsRevision: Int64 { revisions["limits"] ?? 0 }
    }

    private let database: AccessDatabase
    private let state: Mutex<State>

    init(_ database: AccessDatabase) throws(AccessStoreError) {
        self.database = database
        // Asked first: what is committed between the two is then seen as a change, not missed.
        let version = try database.version()
        let first = try database.read { db in
            State(
                version: version, revisions: try DirectoryCache.revisions(db), directory: try Directory(db),
                sessions: try DirectoryCache.sessions(db))
        }
        state = Mutex(first)
    }

    /// As it stands now. Where nothing has changed, which is nearly always, this takes microseconds.
    func current() throws(AccessStoreError) -> (directory: Directory, sessions: SessionTable) {
        try withState { ($0.directory, $0.sessions) }
    }

    func directory() throws(AccessStoreError) -> Directory { try withState(\.directory) }

    /// Changes with limits and lists of addresses, whose own parts keep them in memory.
    func limitsRevision() throws(AccessStoreError) -> Int64 { try withState(\.limitsRevision) }

    /// The same as it was when the file was last asked.
    var seenLimitsRevision: Int64 { state.withLock(\.limitsRevision) }

    private func withState<Value: Sendable>(_ body: (State) -> Value) throws(AccessStoreError) -> Value {
        try state.withLock { state throws(AccessStoreError) in
            let version = try database.version()
            if version != state.version {
                state = try refreshed(state)
                state.version = version
            }
            return body(state)
        }
    }

    private func refreshed(_ old: State) throws(AccessStoreError) -> State {
        try database.read { db in
            var state = old
            state.revisions = try DirectoryCache.revisions(db)
            if state.revisions["directory"] != old.revisions["directory"] { state.directory = try Directory(db) }
            if state.revisions["sessions"] != old.revisions["sessions"] {
                state.sessions = try DirectoryCache.sessions(db)
            }
            return state
        }
    }

    private static func revisions(_ db: any StateTransaction) throws -> [String: Int64] {
        let rows = try db.rows("SELECT area, number FROM revisions")
        return Dictionary(
            try rows.map { (try $0.text("area"), try $0.integer("number")) },
            uniquingKeysWith: { $1 })
    }

    private static func sessions(_ db: any StateTransaction) throws -> SessionTable {
        let rows = try db.rows("SELECT sessions.*, time FROM sessions LEFT JOIN session_uses ON session_id = id")
        return Dictionary(
            try rows.map { (try $0.blob("hash"), try Session($0)) }, uniquingKeysWith: { $1 })
    }
}
