import Foundation

/// A row of a result. A column that holds something else than is asked for is damage, never a crash.
public struct StateRow: Sendable {
    private let columns: StateColumns
    private let values: [StateValue]

    init(_ columns: StateColumns, _ values: [StateValue]) {
        self.columns = columns
        self.values = values
    }

    public func value(_ column: String) throws(StateError) -> StateValue {
        guard let index = columns.names.firstIndex(of: column) else { throw damaged(column, "is not there") }
        return values[index]
    }

    public func text(_ column: String) throws(StateError) -> String {
        guard let text = try optionalText(column) else { throw damaged(column, "holds no text") }
        return text
    }

    public func optionalText(_ column: String) throws(StateError) -> String? {
        switch try value(column) {
        case .null: nil
        case .text(let text): text
        default: throw damaged(column, "holds no text")
        }
    }

    public func blob(_ column: String) throws(StateError) -> Data {
        guard let blob = try optionalBlob(column) else { throw damaged(column, "holds no bytes") }
        return blob
    }

    public func optionalBlob(_ column: String) throws(StateError) -> Data? {
        switch try value(column) {
        case .null: nil
        case .blob(let blob): blob
        default: throw damaged(column, "holds no bytes")
        }
    }

    public func integer(_ column: String) throws(StateError) -> Int64 {
        guard let integer = try optionalInteger(column) else { throw damaged(column, "holds no whole number") }
        return integer
    }

    public func optionalInteger(_ column: String) throws(StateError) -> Int64? {
        switch try value(column) {
        case .null: nil
        case .integer(let integer): integer
        default: throw damaged(column, "holds no whole number")
        }
    }

    public func int(_ column: String) throws(StateError) -> Int { Int(try integer(column)) }

    public func optionalInt(_ column: String) throws(StateError) -> Int? { try optionalInteger(column).map { Int($0) } }

    public func bool(_ column: String) throws(StateError) -> Bool { try integer(column) != 0 }

    public func optionalBool(_ column: String) throws(StateError) -> Bool? {
        try optionalInteger(column).map { $0 != 0 }
    }

    public func real(_ column: String) throws(StateError) -> Double {
        guard let real = try optionalReal(column) else { throw damaged(column, "holds no number") }
        return real
    }

    public func optionalReal(_ column: String) throws(StateError) -> Double? {
        switch try value(column) {
        case .null: nil
        case .real(let real): real
        case .integer(let integer): Double(integer)
        default: throw damaged(column, "holds no number")
        }
    }

    /// Times stand as seconds since 1970.
    public func time(_ column: String) throws(StateError) -> Date {
        Date(timeIntervalSince1970: try real(column))
    }

    public func optionalTime(_ column: String) throws(StateError) -> Date? {
        try optionalReal(column).map { Date(timeIntervalSince1970: $0) }
    }

    /// - Parameter problem: as it follows the column's name: `holds no list of names`.
    public func damaged(_ column: String, _ problem: String) -> StateError {
        .damaged(path: columns.path, found: "\(columns.table.map { $0 + "." } ?? "")\(column) \(problem)")
    }
}

/// What all rows of a result share.
final class StateColumns: Sendable {
    let names: [String]
    let path: String
    private let sql: String

    init(_ names: [String], sql: String, path: String) {
        self.names = names
        self.sql = sql
        self.path = path
    }

    /// The first table that the statement names, for people.
    var table: String? {
        let words = sql.split { $0.isWhitespace || "(),;".contains($0) }
        let mark = words.firstIndex { ["FROM", "INTO", "UPDATE"].contains($0) }
        return mark.flatMap { $0 + 1 < words.count ? String(words[$0 + 1]) : nil }
    }
}
