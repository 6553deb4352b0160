import HadalJSON

/// A JSON Schema as a table of its subschemas, and what its references lead to. Nothing outside the document is looked up.
struct SchemaDocument {
    /// A subschema; its number.
    typealias ID = Int32

    struct Node {
        var json: JSON
        /// A JSON pointer from the document's root.
        var path: String
        /// What relative references are relative to.
        var base: String
    }

    /// The schemas `true` and `false`.
    static let anything: ID = 0
    static let nothing: ID = 1

    private(set) var nodes: [Node] = [
        Node(json: true, path: "", base: ""), Node(json: false, path: "", base: ""),
    ]
    private var known: [String: ID] = [:]
    private let root: JSON
    /// Pointers to subschemas by the URIs that `$id` and `$anchor` give them.
    private var places: [String: String] = [:]
    /// Before 2019-09, `$ref` hides what stands beside it.
    let hidesSiblingsOfReferences: Bool

    init(_ root: JSON) {
        self.root = root
        let dialect = root["$schema"]?.string ?? ""
        hidesSiblingsOfReferences = ["draft-07", "draft-06", "draft-04", "draft-03"].contains { dialect.contains($0) }
        index(root, path: "", base: "")
    }

    /// The schema of the whole document.
    mutating func rootNode() -> ID { node(root, path: "", base: base(of: root, in: "")) }

    /// A subschema of another one.
    mutating func child(_ parent: ID, _ json: JSON, _ steps: String...) -> ID {
        let path = nodes[Int(parent)].path + steps.map { "/" + SchemaDocument.escaped($0) }.joined()
        return node(json, path: path, base: base(of: json, in: nodes[Int(parent)].base))
    }

    private mutating func node(_ json: JSON, path: String, base: String) -> ID {
        if let id = known[path] { return id }
        let id = ID(nodes.count)
        nodes.append(Node(json: json, path: path, base: base))
        known[path] = id
        return id
    }

    // MARK: references

    /// The schema that a reference in `node` means; nil where the document has none such.
    mutating func resolve(_ reference: String, in node: ID) -> ID? {
        let uri = SchemaDocument.resolve(reference, in: nodes[Int(node)].base)
        let parts = uri.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let fragment = parts.count > 1 ? parts[1].removingPercents : ""
        if !fragment.isEmpty, !fragment.hasPrefix("/") {
            return places[parts[0] + "#" + fragment].flatMap { find($0) }
        }
        guard let start = places[parts[0]] ?? (parts[0].isEmpty ? "" : nil) else { return nil }
        return find(start + fragment)
    }

    /// The subschema at a pointer.
    private mutating func find(_ path: String) -> ID? {
        var json = root
        var base = base(of: root, in: "")
        for step in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
            if let member = json[name] {
                json = member
            } else if let index = Int(name), let element = json[index] {
                json = element
            } else {
                return nil
            }
            base = self.base(of: json, in: base)
        }
        return node(json, path: path, base: base)
    }

    private func base(of json: JSON, in base: String) -> String {
        guard let id = json["$id"]?.string, !(hidesSiblingsOfReferences && json["$ref"] != nil) else { return base }
        let uri = SchemaDocument.resolve(id, in: base)
        // "#name" is an anchor in drafts before 2019-09.
        return uri.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? base
    }

    /// Notes the names that subschemas give themselves. `JSON` is never nested deeper than its parser allows.
    private mutating func index(_ json: JSON, path: String, base: String) {
        switch json {
        case .object(let object):
            let base = self.base(of: json, in: base)
            if path.isEmpty || object["$id"]?.string != nil, places[base] == nil { places[base] = path }
            if let id = object["$id"]?.string, id.hasPrefix("#") { places[base + id] = path }
            if let anchor = object["$anchor"]?.string { places[base + "#" + anchor] = path }
            for (key, value) in object.members where !["enum", "const", "default", "examples"].contains(key) {
                let path = path + "/" + SchemaDocument.escaped(key)
                if SchemaDocument.maps.contains(key), let map = value.object {
                    for (name, schema) in map.members {
                        index(schema, path: path + "/" + SchemaDocument.escaped(name), base: base)
                    }
                } else {
                    index(value, path: path, base: base)
                }
            }
        case .array(let elements):
            for (number, element) in elements.enumerated() { index(element, path: "\(path)/\(number)", base: base) }
        default: break
        }
    }

    /// Their members are schemas by names that are no keywords.
    private static let maps: Set = [
        "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
    ]

    /// RFC 3986, section 5.2, as far as schemas use it.
    private static func resolve(_ reference: String, in base: String) -> String {
        if reference.isEmpty { return base }
        if reference.hasPrefix("#") { return base + reference }
        let head = reference.prefix { $0 != "/" && $0 != "#" && $0 != "?" }
        if head.contains(":") { return reference }
        guard let scheme = base.range(of: "://") else {
            guard let slash = base.lastIndex(of: "/"), !reference.hasPrefix("/") else { return reference }
            return base[...slash] + reference
        }
        if reference.hasPrefix("/") {
            let authority = base[scheme.upperBound...].prefix { $0 != "/" }
            return base[..<scheme.upperBound] + authority + reference
        }
        guard let slash = base[scheme.upperBound...].lastIndex(of: "/") else { return base + "/" + reference }
        return base[...slash] + reference
    }

    static func escaped(_ step: String) -> String {
        step.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") })
            ? step.replacing("~", with: "~0").replacing("/", with: "~1") : step
    }
}

extension String {
    /// `%25` as `%`.
    fileprivate var removingPercents: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return self }
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
