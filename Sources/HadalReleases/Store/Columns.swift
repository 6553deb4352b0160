import Foundation
import GRDB

/// How values of ours stand in columns.
enum Columns {
    /// The same value gives the same bytes.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// A row that makes no sense is a damaged file, never a crash.
extension Row {
    func text(_ column: String) throws -> String { try decode(String.self, forColumn: column) }
    func optionalText(_ column: String) throws -> String? { try decode(String?.self, forColumn: column) }
    func int(_ column: String) throws -> Int { try decode(Int.self, forColumn: column) }
    func optionalInt(_ column: String) throws -> Int? { try decode(Int?.self, forColumn: column) }

    func time(_ column: String) throws -> Date {
        Date(timeIntervalSince1970: try decode(Double.self, forColumn: column))
    }

    func optionalTime(_ column: String) throws -> Date? {
        try decode(Double?.self, forColumn: column).map { Date(timeIntervalSince1970: $0) }
    }

    func person() throws -> ReleasePerson { ReleasePerson(id: try text("by_id"), name: try text("by_name")) }

    func json<Value: Decodable>(_ type: Value.Type, _ column: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try text(column).utf8))
    }

    func name<Value: RawRepresentable<String>>(_ type: Value.Type, _ column: String) throws -> Value {
        guard let value = Value(rawValue: try text(column)) else { throw damaged(column) }
        return value
    }

    func damaged(_ column: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the column \(column) holds an unknown value")
    }
}
