import HadalJSON

/// One schema's members, read with their types checked.
struct Keywords {
    enum Dependency {
        case names([String])
        case schema(Literal)
    }

    let id: SchemaDocument.ID
    let path: String
    let object: JSON.Object

    func path(_ keyword: String) -> String { path + "/" + SchemaDocument.escaped(keyword) }

    private func wrong(_ keyword: String, _ expected: String) -> GrammarError {
        .invalidSchema(path: path(keyword), problem: "expected \(expected)")
    }

    /// Keywords that say which values are valid, and cannot be held to.
    func refuseUnsupported() throws(GrammarError) {
        func refuse(_ keyword: String, _ problem: String) throws(GrammarError) {
            throw .unsupported(keyword: keyword, path: path(keyword), problem: problem)
        }
        for keyword in ["$dynamicRef", "$recursiveRef"] where object[keyword] != nil {
            try refuse(keyword, "references that depend on where they are used from")
        }
        if object["uniqueItems"] == true, try count("maxItems").map({ $0 > 1 }) ?? true {
            try refuse("uniqueItems", "elements are not compared with each other")
        }
        if let contains = object["contains"], contains != true {
            let least = try count("minContains") ?? 1
            if least > 1 { try refuse("minContains", "more than one element cannot be counted") }
            if object["maxContains"] != nil { try refuse("maxContains", "elements that match are not counted") }
        }
        for keyword in ["extends", "disallow", "divisibleBy"] where object[keyword] != nil {
            try refuse(keyword, "draft 3 is not supported")
        }
        if case .bool? = object["required"] { try refuse("required", "draft 3 is not supported") }
    }

    // MARK: plain values

    func string(_ keyword: String) throws(GrammarError) -> String? {
        guard let value = object[keyword] else { return nil }
        guard let text = value.string else { throw wrong(keyword, "a string") }
        return text
    }

    func array(_ keyword: String) throws(GrammarError) -> [JSON]? {
        guard let value = object[keyword] else { return nil }
        guard let elements = value.array else { throw wrong(keyword, "an array") }
        return elements
    }

    func names(_ keyword: String) throws(GrammarError) -> [String]? {
        guard let elements = try array(keyword) else { return nil }
        var names: [String] = []
        for element in elements {
            guard let name = element.string else { throw wrong(keyword, "an array of strings") }
            names.append(name)
        }
        return names
    }

    /// Beyond a billion all are one: nothing gets so long.
    func count(_ keyword: String) throws(GrammarError) -> Int? {
        guard let value = object[keyword] else { return nil }
        guard let number = value.double, number >= 0, number == number.rounded() else {
            throw wrong(keyword, "an integer that is not negative")
        }
        return number < 1e9 ? Int(number) : 1_000_000_000
    }

    func kinds() throws(GrammarError) -> (kinds: Kinds, isInteger: Bool)? {
        guard let value = object["type"] else { return nil }
        let names = if let name = value.string { [name] } else { try names("type") ?? [] }
        var kinds = Kinds()
        for name in names {
            switch name {
            case "null": kinds.insert(.null)
            case "boolean": kinds.insert(.boolean)
            case "number", "integer": kinds.insert(.number)
            case "string": kinds.insert(.string)
            case "array": kinds.insert(.array)
            case "object": kinds.insert(.object)
            default: throw .invalidSchema(path: path("type"), problem: "there is no type '\(name)'")
            }
        }
        return (kinds, names.contains("integer") && !names.contains("number"))
    }

    private func number(_ keyword: String) throws(GrammarError) -> Decimal? {
        guard let value = object[keyword] else { return nil }
        guard let number = Decimal(value) else { throw wrong(keyword, "a number") }
        return number
    }

    func bounds() throws(GrammarError) -> (lower: Alternative.Bound?, upper: Alternative.Bound?) {
        var both = Alternative(path: path)
        // Draft 4 has true and false for the exclusive ones.
        if let value = try number("minimum") {
            both.raise(to: .init(value: value, isIncluded: object["exclusiveMinimum"] != true))
        }
        if let value = try number("maximum") {
            both.lower(to: .init(value: value, isIncluded: object["exclusiveMaximum"] != true))
        }
        if object["exclusiveMinimum"]?.bool == nil, let value = try number("exclusiveMinimum") {
            both.raise(to: .init(value: value, isIncluded: false))
        }
        if object["exclusiveMaximum"]?.bool == nil, let value = try number("exclusiveMaximum") {
            both.lower(to: .init(value: value, isIncluded: false))
        }
        return (both.lower, both.upper)
    }

    func multiple() throws(GrammarError) -> Decimal? {
        guard let value = try number("multipleOf") else { return nil }
        guard !value.isNegative, value != .zero else { throw wrong("multipleOf", "a number above 0") }
        return value
    }

    // MARK: subschemas

    func schema(_ keyword: String, _ document: inout SchemaDocument) throws(GrammarError) -> Literal? {
        guard let value = object[keyword] else { return nil }
        return try literal(value, document.child(id, value, keyword), keyword)
    }

    private func literal(_ json: JSON, _ node: SchemaDocument.ID, _ keyword: String) throws(GrammarError) -> Literal {
        switch json {
        case .bool(let value): return value ? .anything : .nothing
        case .object(let object): return object.isEmpty ? .anything : Literal(schema: node)
        default: throw wrong(keyword, "a schema: an object, true or false")
        }
    }

    func schemas(_ keyword: String, _ document: inout SchemaDocument) throws(GrammarError) -> [Literal] {
        var result: [Literal] = []
        for (index, value) in (try array(keyword) ?? []).enumerated() {
            result.append(try literal(value, document.child(id, value, keyword, "\(index)"), keyword))
        }
        return result
    }

    /// nil where there is no such keyword.
    func nonEmptySchemas(_ keyword: String, _ document: inout SchemaDocument) throws(GrammarError) -> [Literal]? {
        guard object[keyword] != nil else { return nil }
        let result = try schemas(keyword, &document)
        guard !result.isEmpty else { throw wrong(keyword, "an array that is not empty") }
        return result
    }

    func namedSchemas(
        _ keyword: String, _ document: inout SchemaDocument
    ) throws(GrammarError) -> [(name: String, schema: Literal)] {
        guard let value = object[keyword] else { return [] }
        guard let map = value.object else { throw wrong(keyword, "an object of schemas") }
        var result: [(String, Literal)] = []
        for (name, value) in map.members {
            result.append((name, try literal(value, document.child(id, value, keyword, name), keyword)))
        }
        return result
    }

    /// `dependentRequired`, `dependentSchemas`, and `dependencies`, which was both.
    func dependencies(
        _ document: inout SchemaDocument
    ) throws(GrammarError) -> [(keyword: String, name: String, dependency: Dependency)] {
        var result: [(String, String, Dependency)] = []
        for keyword in ["dependentRequired", "dependentSchemas", "dependencies"] {
            guard let value = object[keyword] else { continue }
            guard let map = value.object else { throw wrong(keyword, "an object") }
            for (name, value) in map.members {
                if keyword != "dependentSchemas", let elements = value.array {
                    let names = elements.compactMap(\.string)
                    guard names.count == elements.count else { throw wrong(keyword, "names") }
                    result.append((keyword, name, .names(names)))
                } else if keyword == "dependencies", let needed = value.string {
                    result.append((keyword, name, .names([needed])))
                } else if keyword == "dependentRequired" {
                    throw wrong(keyword, "arrays of names")
                } else {
                    let child = document.child(id, value, keyword, name)
                    result.append((keyword, name, .schema(try literal(value, child, keyword))))
                }
            }
        }
        return result
    }

    /// `items` was, up to 2019-09, what `prefixItems` and `items` are now, and `additionalItems` the rest.
    func readItems(into own: inout Alternative, _ document: inout SchemaDocument) throws(GrammarError) {
        var items = Alternative.Items()
        items.prefix = try schemas("prefixItems", &document)
        if case .array? = object["items"] {
            items.prefix = try schemas("items", &document)
            items.rest = try schema("additionalItems", &document)
        } else {
            items.rest = try schema("items", &document)
        }
        if !items.prefix.isEmpty || items.rest != nil { own.items = [items] }
        own.minItems = try count("minItems") ?? 0
        own.maxItems = try count("maxItems")
        if let literal = try schema("contains", &document), try count("minContains") != 0 { own.contained = [literal] }
    }
}
