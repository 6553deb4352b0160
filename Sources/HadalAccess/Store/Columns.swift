import Foundation
import GRDB
import HadalJSON

/// How values of ours stand in columns, and how rows are read: a row that makes no sense is a damaged file, never a
/// crash.
enum Columns {
    static func list(_ texts: some Sequence<String>) -> String { JSON.array(texts.sorted().map(JSON.string)).text }

    static func list(_ models: ModelScope) -> String? {
        switch models {
        case .all: nil
        case .only(let names): list(names)
        }
    }

    static func list(_ permissions: Set<Permission>) -> String { list(permissions.map(\.rawValue)) }
}

extension Row {
    func text(_ column: String) throws -> String { try decode(String.self, forColumn: column) }

    func optionalText(_ column: String) throws -> String? { try decode(String?.self, forColumn: column) }

    func time(_ column: String) throws -> Date {
        Date(timeIntervalSince1970: try decode(Double.self, forColumn: column))
    }

    func optionalTime(_ column: String) throws -> Date? {
        try decode(Double?.self, forColumn: column).map { Date(timeIntervalSince1970: $0) }
    }

    func optionalList(_ column: String) throws -> Set<String>? {
        guard let text = try optionalText(column) else { return nil }
        guard let array = try? JSON(parsing: Data(text.utf8)).array else { throw damaged(column) }
        return Set(
            try array.map { item in
                guard let string = item.string else { throw damaged(column) }
                return string
            })
    }

    func list(_ column: String) throws -> Set<String> {
        guard let list = try optionalList(column) else { throw damaged(column) }
        return list
    }

    func models(_ column: String = "models") throws -> ModelScope {
        try optionalList(column).map(ModelScope.only) ?? .all
    }

    private func damaged(_ column: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the column \(column) holds no list of names")
    }
}
