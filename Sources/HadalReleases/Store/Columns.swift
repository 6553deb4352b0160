import Foundation
import HadalState

/// How values of ours stand in columns.
enum Columns {
    /// The same value gives the same bytes.
    static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension StateRow {
    func person() throws(StateError) -> ReleasePerson {
        ReleasePerson(id: try text("by_id"), name: try text("by_name"))
    }

    func json<Value: Decodable>(_ type: Value.Type, _ column: String) throws(StateError) -> Value {
        let text = try text(column)
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw damaged(column, "holds something else than it should")
        }
    }

    func name<Value: RawRepresentable<String>>(_ type: Value.Type, _ column: String) throws(StateError) -> Value {
        guard let value = Value(rawValue: try text(column)) else { throw damaged(column, "holds an unknown value") }
        return value
    }
}
