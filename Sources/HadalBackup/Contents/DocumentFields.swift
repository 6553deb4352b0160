import HadalJSON

/// What is wrong with a document of a backup.
struct DocumentError: Error {
    let problem: String
    init(_ problem: String) { self.problem = problem }

    static func at<Value>(_ field: String, _ body: () throws(DocumentError) -> Value) throws(DocumentError) -> Value {
        do throws(DocumentError) { return try body() } catch { throw DocumentError("\(field).\(error.problem)") }
    }
}

/// Reads an object's members.
struct DocumentFields {
    private let json: JSON
    init(_ json: JSON) { self.json = json }

    func text(_ field: String) throws(DocumentError) -> String {
        guard let text = json[field]?.string else { throw DocumentError("\(field): missing, or no text") }
        return text
    }

    /// At least 0.
    func number(_ field: String) throws(DocumentError) -> Int {
        guard let number = json[field]?.int, number >= 0 else { throw DocumentError("\(field): missing, or no number") }
        return number
    }

    func list(_ field: String) throws(DocumentError) -> [JSON] {
        guard let list = json[field]?.array else { throw DocumentError("\(field): missing, or no list") }
        return list
    }

    func list<Element>(
        _ field: String, of make: (JSON) throws(DocumentError) -> Element
    ) throws(DocumentError) -> [Element] {
        var all: [Element] = []
        for (index, json) in try list(field).enumerated() {
            all.append(try DocumentError.at("\(field)[\(index)]") { () throws(DocumentError) in try make(json) })
        }
        return all
    }

    func texts(_ field: String) throws(DocumentError) -> [String] {
        try list(field) { json throws(DocumentError) in
            guard let text = json.string else { throw DocumentError("no text") }
            return text
        }
    }

    /// Relative, within where it is brought back to.
    func path(_ field: String) throws(DocumentError) -> String {
        let path = try text(field)
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) })
        else { throw DocumentError("\(field): not a path within the backup") }
        return path
    }

    func chunks() throws(DocumentError) -> [ChunkName] {
        try list("chunks") { json throws(DocumentError) in
            guard let name = json.string.flatMap({ ChunkName(hex: $0) }) else { throw DocumentError("no chunk's name") }
            return name
        }
    }
}
