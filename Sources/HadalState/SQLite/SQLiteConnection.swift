import Foundation
import GRDB

/// Statements of ours as SQLite runs them. Each is compiled once for a connection and kept: there are few, and many are
/// run for each request.
struct SQLiteConnection: StateWriter {
    let db: Database
    let path: String

    func execute(_ sql: String, _ arguments: StateArguments) throws(StateError) {
        try translating { try db.cachedStatement(sql: sql).execute(arguments: StatementArguments(arguments)) }
    }

    func executeCounting(_ sql: String, _ arguments: StateArguments) throws(StateError) -> Int {
        try execute(sql, arguments)
        return db.changesCount
    }

    func rows(_ sql: String, _ arguments: StateArguments) throws(StateError) -> [StateRow] {
        try translating {
            var result = try SQLiteRows(db, sql, arguments, path)
            var rows: [StateRow] = []
            while let row = try result.next() { rows.append(row) }
            return rows
        }
    }

    func row(_ sql: String, _ arguments: StateArguments) throws(StateError) -> StateRow? {
        try translating {
            var result = try SQLiteRows(db, sql, arguments, path)
            return try result.next()
        }
    }

    func each(_ sql: String, _ arguments: StateArguments, _ body: (StateRow) throws -> Void) throws {
        var result = try translating { try SQLiteRows(db, sql, arguments, path) }
        while let row = try translating({ try result.next() }) { try body(row) }
    }

    func transaction<Value>(_ body: (any StateTransaction) throws -> Value) throws -> Value {
        errno = 0
        do {
            var value: Value?
            // Immediate: one that only finds out later that it writes could find others' changes between.
            try db.inTransaction(.immediate) {
                value = try body(self)
                return .commit
            }
            // Set: the body ran to its end.
            return value!
        } catch let error as DatabaseError {
            throw StateError(error, path: path, systemCode: errno)
        }
    }

    func othersVersion() throws(StateError) -> Int64 {
        try translating { try Int64.fetchOne(try db.cachedStatement(sql: "PRAGMA data_version")) ?? 0 }
    }

    private func translating<Value>(_ body: () throws -> Value) throws(StateError) -> Value {
        errno = 0
        do { return try body() } catch { throw StateError(error, path: path, systemCode: errno) }
    }
}

/// The rows of a statement that runs.
private struct SQLiteRows {
    private let cursor: RowCursor
    private let columns: StateColumns

    init(_ db: Database, _ sql: String, _ arguments: StateArguments, _ path: String) throws {
        let statement = try db.cachedStatement(sql: sql)
        cursor = try Row.fetchCursor(statement, arguments: StatementArguments(arguments))
        columns = StateColumns(statement.columnNames, sql: sql, path: path)
    }

    mutating func next() throws -> StateRow? {
        guard let row = try cursor.next() else { return nil }
        return StateRow(columns, row.databaseValues.map { StateValue($0) })
    }
}

extension StateValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let real): self = .real(real)
        case .string(let text): self = .text(text)
        case .blob(let blob): self = .blob(blob)
        }
    }

    fileprivate var convertible: (any DatabaseValueConvertible)? {
        switch self {
        case .null: nil
        case .integer(let integer): integer
        case .real(let real): real
        case .text(let text): text
        case .blob(let blob): blob
        }
    }
}

extension StatementArguments {
    fileprivate init(_ arguments: StateArguments) { self.init(arguments.values.map(\.convertible)) }
}
