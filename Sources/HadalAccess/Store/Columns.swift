import Foundation
import HadalJSON
import HadalState

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

extension StateRow {
    func optionalList(_ column: String) throws(StateError) -> Set<String>? {
        guard let text = try optionalText(column) else { return nil }
        guard let array = try? JSON(parsing: Data(text.utf8)).array else { throw damaged(column, "holds no list") }
        let names = array.compactMap(\.string)
        guard names.count == array.count else { throw damaged(column, "holds no list of names") }
        return Set(names)
    }

    func list(_ column: String) throws(StateError) -> Set<String> {
        guard let list = try optionalList(column) else { throw damaged(column, "holds no list of names") }
        return list
    }

    func models(_ column: String = "models") throws(StateError) -> ModelScope {
        try optionalList(column).map(ModelScope.only) ?? .all
    }
}
